import { formatFixed } from '../values/float.ts';
import { transferredBytes } from './bytes.ts';
import { totalSeconds } from './intervals.ts';
import { nextToShow } from './plain-turns.ts';
import { isCancelled, nanosOf, nanosOrNone, secondsBetween, type VertexStatus } from './status.ts';
import { isCompleted, isStarted, type Step } from './step.ts';
import type { Trace } from './trace.ts';

export interface PlainOptions {
  /** Printed as step 0 before the first one. */
  description?: string;
  /** Cut names after 72 bytes. */
  cutNames?: boolean;
}

export interface PlainPrinter {
  /** The lines of all that has changed, as bytes in a latin1 string. @param now nanoseconds since 1970 */
  print(now: bigint): string;
  /** The last lines of the logs of a step, seconds included, that have been printed. */
  lastLines(step: Step): readonly string[];
}

/** What is remembered of a step that has been printed. */
interface Printed {
  index: number;
  /** Bytes of the first line of `logs` that are on display already, with no newline after them. */
  offset: number;
  /** Looked at, whether told of or not. */
  statuses: Map<string, VertexStatus>;
  warnings: number;
  last: string[];
}

/** Of a step's log, to be repeated if it fails. */
export const lastLinesKept = 10;
const shownNameLength = 72;
/** A transfer that goes on is told of again after 5 %, or after that many seconds. */
const transferStep = { share: 0.05, seconds: 5 };

/**
 * buildx's `--progress=plain`: one step is on display at a time, with `#N` before each of its lines; the others wait for
 * it to end or, if they have much to say, for their turn.
 */
export function plainPrinter(trace: Trace, options: PlainOptions = {}): PlainPrinter {
  const printed = new Map<Step, Printed>();
  /** By ID: as in buildx, what goes by the same ID in another step is the same transfer. */
  const told = new Map<string, VertexStatus>();
  let current: Step | undefined;
  let first = true;
  let out = '';

  const stateOf = (step: Step): Printed => {
    let state = printed.get(step);
    if (!state) {
      state = { index: printed.size + 1, offset: 0, statuses: new Map(), warnings: 0, last: [] };
      printed.set(step, state);
    }
    return state;
  };

  const openHead = (step: Step, state: Printed): void => {
    if (current) {
      const old = stateOf(current);
      if (current.logsPartial) out += '\n';
      old.offset = 0;
      current.changes = 0;
      out += `#${old.index} ...\n`;
    }
    if (!first) out += '\n';
    else if (options.description) out += `#0 ${bytes(options.description)}\n\n`;
    first = false;
    const name = bytes(step.name);
    const cut = options.cutNames && name.length > shownNameLength;
    out += `#${state.index} ${cut ? `${name.slice(0, shownNameLength)}...` : name}\n`;
  };

  const printLogs = (step: Step, state: Printed): void => {
    step.logs.forEach((line, index) => {
      const continued = index === 0 && state.offset > 0;
      const partial = step.logsPartial && index === step.logs.length - 1;
      out += continued ? line.slice(state.offset) : `#${state.index} ${line}`;
      if (!partial) out += '\n';
      if (!partial) state.last = [...state.last, line].slice(-lastLinesKept);
    });
    step.logs = step.logsPartial ? step.logs.slice(-1) : [];
    state.offset = step.logs[0]?.length ?? 0;
  };

  const printStep = (step: Step, now: bigint): void => {
    const state = stateOf(step);
    if (step !== current) openHead(step, state);
    let open = false;
    for (const id of step.statuses) {
      const status = step.statusById.get(id)!;
      if (status === state.statuses.get(id)) continue;
      state.statuses.set(id, status);
      if (!isWorthTelling(status, told.get(id))) continue;
      told.set(id, status);
      out += `#${state.index} ${bytes(id)}${statusDetail(status)}\n`;
      open ||= status.completed === undefined;
    }
    for (const warning of step.warnings.slice(state.warnings)) {
      out += `#${state.index} WARN: ${Buffer.from(warning.short).toString('latin1')}\n`;
      state.warnings++;
    }
    printLogs(step, state);
    current = step;
    if (isCompleted(step) && !open) {
      current = undefined;
      step.changes = 0;
      if (step.logsPartial) out += '\n';
      out += `#${state.index} ${outcome(step, now)}\n`;
    }
    trace.changed.delete(step);
  };

  return {
    print(now) {
      out = '';
      const waiting = [...trace.changed].filter((step) => !step.hidden);
      const ended = waiting.filter(isCompleted).sort(byEnd);
      const running = waiting.filter((step) => !isCompleted(step));
      const before = current;
      const closed = before !== undefined && ended.includes(before);
      if (closed) printStep(before, now);
      for (const step of ended) if (step !== before) printStep(step, now);
      if (running.length === 0) {
        if (before && isStarted(before) && !isCompleted(before)) return out;
        const open = [...trace.byDigest.values()].find((step) => isStarted(step) && !isCompleted(step) && !step.hidden);
        if (open) printStep(open, now);
        return out;
      }
      if (before && running.includes(before)) printStep(before, now);
      const next = nextToShow(running, before, closed, now);
      if (next) printStep(next, now);
      return out;
    },
    lastLines: (step) => printed.get(step)?.last ?? [],
  };
}

/** UTF-8 as a latin1 string, so that it goes with logs, which need not be UTF-8. */
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function byEnd(a: Step, b: Step): number {
  const [x, y] = [a.merged.at(-1)!.stop!, b.merged.at(-1)!.stop!];
  return x < y ? -1 : x > y ? 1 : 0;
}

function isWorthTelling(status: VertexStatus, before: VertexStatus | undefined): boolean {
  if (!before || status.completed) return true;
  const share = status.total > 0 ? (status.current - before.current) / status.total : 0;
  const times = [before.timestamp, status.timestamp].map((time) => nanosOrNone(time) ?? 0n);
  return share >= transferStep.share || secondsBetween(times[0]!, times[1]!) >= transferStep.seconds;
}

function statusDetail(status: VertexStatus): string {
  const size = transferredBytes(status);
  const end = status.completed ?? status.timestamp;
  const seconds = status.started && end ? secondsBetween(nanosOf(status.started), nanosOf(end)) : 0;
  const time = seconds > 0.01 ? ` ${formatFixed(seconds, 1)}s` : '';
  return `${size && ` ${size}`}${time}${status.completed ? ' done' : ''}`;
}

function outcome(step: Step, now: bigint): string {
  if (step.error !== '') return isCancelled(step.error) ? 'CANCELED' : `ERROR: ${bytes(step.error)}`;
  if (step.cached) return 'CACHED';
  return `DONE${step.merged.length > 0 ? ` ${formatFixed(totalSeconds(step.merged, now), 1)}s` : ''}`;
}
