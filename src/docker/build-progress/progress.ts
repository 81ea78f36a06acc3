import { buildColours } from './colours.ts';
import { failedSteps } from './failed-steps.ts';
import { plainPrinter } from './plain.ts';
import { rawJsonLine } from './rawjson.ts';
import type { BuildStatus } from './status.ts';
import { newTrace, updateTrace } from './trace.ts';
import { layOut, type ScreenSize } from './tty-layout.ts';
import { ttyPainter } from './tty-painter.ts';

export type BuildProgressMode = 'plain' | 'tty' | 'quiet' | 'rawjson';

export interface BuildProgressOptions {
  mode: BuildProgressMode;
  /** Which builder works: `building with "default" instance using docker driver`, and on a terminal `docker:default`. */
  description?: { plain: string; tty: string };
  /** BUILDKIT_COLORS, NO_COLOR, BUILDKIT_TTY_LOG_LINES, PROGRESS_NO_TRUNC, TTY_DISPLAY_RATE. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Of the terminal, asked for each picture. */
  size?: () => ScreenSize;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Turns BuildKit's messages into what is to be written; each call returns the bytes that come next, often none. */
export interface BuildProgress {
  update(status: BuildStatus): Uint8Array;
  /** To be called when that many milliseconds have passed since the last call; undefined: never. */
  readonly refreshAfter: number | undefined;
  refresh(): Uint8Array;
  /** The last picture, and the logs of what failed. */
  end(): Uint8Array;
}

/** Milliseconds between two pictures, and after the last message until time is seen to go on. */
const displayEvery = 100;
const refreshEvery = 150;
const nothing = new Uint8Array();

export function buildProgress(options: BuildProgressOptions): BuildProgress {
  if (options.mode === 'quiet') return silent(() => nothing);
  if (options.mode === 'rawjson') return silent((status) => Buffer.from(rawJsonLine(status)));
  const { now = Date.now, env = {} } = options;
  const nanos = (): bigint => BigInt(Math.round(now() * 1000)) * 1000n;
  const display = options.mode === 'plain' ? plainDisplay(options) : ttyDisplay(options);
  const rate = /^\d+$/.test(env.TTY_DISPLAY_RATE ?? '') ? Number(env.TTY_DISPLAY_RATE) : undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    refreshAfter: Math.max(1, rate ?? refreshEvery),
    update(status) {
      display.update(status, nanos());
      if (now() - shownAt < (rate ?? displayEvery)) return nothing;
      shownAt = now();
      return display.show(nanos());
    },
    refresh: () => display.show(nanos()),
    end: () => display.end(nanos()),
  };
}

function silent(update: (status: BuildStatus) => Uint8Array): BuildProgress {
  return { update, refreshAfter: undefined, refresh: () => nothing, end: () => nothing };
}

/** Times in nanoseconds since 1970. */
interface Display {
  update(status: BuildStatus, now: bigint): void;
  show(now: bigint): Uint8Array;
  end(now: bigint): Uint8Array;
}

function plainDisplay({ description, env = {} }: BuildProgressOptions): Display {
  const trace = newTrace();
  const printer = plainPrinter(trace, { description: description?.plain, cutNames: env.PROGRESS_NO_TRUNC === '0' });
  const show = (now: bigint): Uint8Array => Buffer.from(printer.print(now), 'latin1');
  return {
    update: (status, now) => updateTrace(trace, status, now),
    show,
    end: (now) => Buffer.concat([show(now), Buffer.from(failedSteps(trace, printer), 'latin1')]),
  };
}

function ttyDisplay({
  description,
  env = {},
  size = () => ({ columns: 80, rows: 24 }),
}: BuildProgressOptions): Display {
  const trace = newTrace(Math.max(1, size().columns - 10));
  const painter = ttyPainter();
  const layout = {
    description: description?.tty,
    colours: buildColours(env.BUILDKIT_COLORS, !!env.NO_COLOR),
    logLines: Number.parseInt(env.BUILDKIT_TTY_LOG_LINES ?? '', 10) || undefined,
  };
  const picture = (now: bigint, all: boolean): Uint8Array => {
    const screen = size();
    return Buffer.from(painter.paint(layOut(trace, layout, screen, now, all), screen));
  };
  return {
    update: (status, now) => updateTrace(trace, status, now),
    show: (now) => picture(now, false),
    end: (now) => Buffer.concat([picture(now, true), Buffer.from(failedSteps(trace), 'latin1')]),
  };
}
