import type { Output } from '../../cli/command.ts';
import { shortId } from '../../docker/oci.ts';
import type { PushEvent } from '../../engine/image/push-events.ts';
import { inSeconds, layerLines, transferred } from './layer-lines.ts';
import type { ProgressMode } from './progress.ts';

type LayerEvent = Extract<PushEvent, { type: 'layer' }>;

/** Shows the events of a push. */
export type PushReporter = (event: PushEvent) => void;

export function pushReporter(output: Output, mode: ProgressMode): PushReporter {
  if (mode === 'quiet') return () => {};
  if (mode === 'json') return (event) => void output.write(`${JSON.stringify(event)}\n`);
  const lines = mode === 'tty' ? layerLines(output) : undefined;
  return (event) => {
    if (event.type === 'layer' && lines) {
      lines.show(event.digest, event.state, () => layerLine(event, output.columns));
    } else if (event.type === 'layer') {
      // As docker off a terminal: no bars.
      if (event.state !== 'pushing') output.write(`${layerLine(event, 0)}\n`);
    } else {
      lines?.restart();
      output.write(sentence(event));
    }
  };
}

function sentence(event: Exclude<PushEvent, LayerEvent>): string {
  if (event.type === 'started') return `The push refers to repository [${event.repository}]\n`;
  if (event.type === 'pushed') return `${event.tag}: digest: ${event.digest} size: ${event.size}\n`;
  const what = event.single ? 'the available single-platform image was' : 'the available platforms were';
  const text = `Not all multiplatform-content is present and only ${what} pushed\n${event.original} -> ${event.pushed}`;
  return note(text);
}

/** docker's note, set off from what is around it. */
export function note(text: string): string {
  const head = ' Info -> ';
  return `\n${head}${text.split('\n').join(`\n${' '.repeat(head.length)}`)}\n`;
}

const words: Record<Exclude<LayerEvent['state'], 'mounted' | 'retrying'>, string> = {
  preparing: 'Preparing',
  waiting: 'Waiting',
  pushing: 'Pushing',
  pushed: 'Pushed',
  exists: 'Layer already exists',
  skipped: 'Skipped foreign layer',
};

/** @param width columns of the terminal; 0: no bar */
function layerLine(event: LayerEvent, width: number): string {
  const id = shortId(event.digest);
  if (event.state === 'mounted') return `${id}: Mounted from ${event.from}`;
  if (event.state === 'retrying') return `${id}: Retrying in ${inSeconds(event)}`;
  const head = `${id}: ${words[event.state]}`;
  return event.state === 'pushing' ? `${head} ${transferred(event, width)}` : head;
}
