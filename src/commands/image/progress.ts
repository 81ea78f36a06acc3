import type { Output } from '../../cli/command.ts';
import { shortId } from '../../docker/oci.ts';
import { formatFamiliar } from '../../docker/reference.ts';
import { humanSize } from '../../docker/values/units.ts';
import type { PullEvent } from '../../engine/image/pull-events.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/** Shows the events of a pull. `end` must be called before anything else is written. */
export interface PullReporter {
  event(event: PullEvent): void;
  end(): void;
}

type LayerState = Extract<PullEvent, { type: 'layer' }>['state'];

const words: Record<LayerState, string> = {
  waiting: 'Pulling fs layer',
  downloading: 'Downloading',
  verifying: 'Verifying Checksum',
  downloaded: 'Download complete',
  extracting: 'Extracting',
  complete: 'Pull complete',
  exists: 'Already exists',
  retrying: 'Retrying',
};

export function pullReporter(output: Output, mode: ProgressMode): PullReporter {
  if (mode === 'quiet') return { event() {}, end() {} };
  if (mode === 'json') return { event: (event) => void output.write(`${JSON.stringify(event)}\n`), end() {} };
  return mode === 'tty' ? terminalReporter(output) : plainReporter(output);
}

function startedLine(event: Extract<PullEvent, { type: 'started' }>): string {
  const { domain, path, tag, digest } = event.reference;
  return `${digest === undefined ? tag : `${domain}/${path}@${digest}`}: Pulling from ${path}\n`;
}

/** One line for each change of state that docker prints off a terminal: no bars. */
function plainReporter(output: Output): PullReporter {
  const shown = new Map<string, LayerState>();
  return {
    event(event) {
      if (event.type === 'started') {
        shown.clear();
        return void output.write(startedLine(event));
      }
      const { digest, state } = event;
      if (state === 'downloading' || state === 'extracting' || shown.get(digest) === state) return;
      shown.set(digest, state);
      const detail = state === 'retrying' ? ` in ${Math.ceil(event.seconds ?? 0)} seconds` : '';
      output.write(`${shortId(digest)}: ${words[state]}${detail}\n`);
    },
    end() {},
  };
}

const repaintEvery = 100;

/** docker's look: a line for each layer, repainted in place. */
function terminalReporter(output: Output): PullReporter {
  const lines = new Map<string, number>();
  const painted = new Map<string, { state: LayerState; at: number }>();
  return {
    event(event) {
      if (event.type === 'started') {
        // What follows belongs below it: the lines of an image before it stay as they are.
        lines.clear();
        painted.clear();
        return void output.write(startedLine(event));
      }
      const { digest, state } = event;
      const last = painted.get(digest);
      const now = Date.now();
      if (last?.state === state && now - last.at < repaintEvery) return;
      painted.set(digest, { state, at: now });
      let line = lines.get(digest);
      let text = '';
      if (line === undefined) {
        line = lines.size;
        lines.set(digest, line);
        text = '\n';
      }
      const up = lines.size - line;
      output.write(`${text}\x1b[${up}A\x1b[2K\r${layerLine(event, output.columns)}\x1b[${up}B\r`);
    },
    end() {},
  };
}

/** @param width columns of the terminal: the bar needs more than 110 */
export function layerLine(event: Extract<PullEvent, { type: 'layer' }>, width: number): string {
  const head = `${shortId(event.digest)}: ${words[event.state]}`;
  if (event.state === 'retrying') return `${head} in ${Math.ceil(event.seconds ?? 0)} seconds`;
  if (event.state !== 'downloading') return head;
  const { current = 0, total = 0 } = event;
  const numbers = `${humanSize(current).padStart(8)}/${humanSize(total)}`;
  if (width <= 110 || total === 0) return `${head} ${numbers}`;
  const done = Math.min(50, Math.floor(Math.floor((current / total) * 100) / 2));
  return `${head} [${'='.repeat(done)}>${' '.repeat(50 - done)}] ${numbers}`;
}

/** What `--progress` and the terminal make of it. */
export function progressMode(output: Output, wanted: string, quiet: boolean): ProgressMode {
  if (quiet || wanted === 'quiet') return 'quiet';
  if (wanted === 'tty' || wanted === 'plain' || wanted === 'json') return wanted;
  return output.isTerminal && output.colour ? 'tty' : 'plain';
}

/** The lines docker ends a pull with. */
export function pullSummary(
  pulled: { digest: string; changed: boolean },
  reference: Parameters<typeof formatFamiliar>[0],
): string {
  return `Digest: ${pulled.digest}\n${pullStatus(pulled.changed, formatFamiliar(reference))}`;
}

/** @param name familiar */
export function pullStatus(changed: boolean, name: string): string {
  return `Status: ${changed ? 'Downloaded newer image' : 'Image is up to date'} for ${name}\n`;
}
