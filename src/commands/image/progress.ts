import type { Output } from '../../cli/command.ts';
import { shortId } from '../../docker/oci.ts';
import { formatFamiliar } from '../../docker/reference.ts';
import type { PullEvent } from '../../engine/image/pull-events.ts';
import { inSeconds, layerLines, transferred } from './layer-lines.ts';

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
      const detail = state === 'retrying' ? ` in ${inSeconds(event)}` : '';
      output.write(`${shortId(digest)}: ${words[state]}${detail}\n`);
    },
    end() {},
  };
}

/** docker's look: a line for each layer, repainted in place. */
function terminalReporter(output: Output): PullReporter {
  const lines = layerLines(output);
  return {
    event(event) {
      if (event.type === 'started') {
        lines.restart();
        return void output.write(startedLine(event));
      }
      lines.show(event.digest, event.state, () => layerLine(event, output.columns));
    },
    end() {},
  };
}

/** @param width columns of the terminal: the bar needs more than 110 */
export function layerLine(event: Extract<PullEvent, { type: 'layer' }>, width: number): string {
  const head = `${shortId(event.digest)}: ${words[event.state]}`;
  if (event.state === 'retrying') return `${head} in ${inSeconds(event)}`;
  return event.state === 'downloading' ? `${head} ${transferred(event, width)}` : head;
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
