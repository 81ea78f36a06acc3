import type { Output } from '../../cli/command.ts';
import { shortId } from '../../docker/oci.ts';
import type { ConvertEvent } from '../../engine/image/convert.ts';
import { layerLines, transferred } from './layer-lines.ts';
import type { ProgressMode } from './progress.ts';

const words: Record<ConvertEvent['state'], string> = {
  waiting: 'Waiting',
  converting: 'Converting',
  converted: 'Convert complete',
  kept: 'Already converted',
};

/** A line for each layer, as docker's of a pull: repainted on a terminal, one for each change of state off it. */
export function convertReporter(output: Output, mode: ProgressMode): (event: ConvertEvent) => void {
  if (mode === 'quiet') return () => {};
  if (mode === 'json') return (event) => void output.write(`${JSON.stringify(event)}\n`);
  const text = (event: ConvertEvent, width: number): string => {
    const head = `${shortId(event.digest)}: ${words[event.state]}`;
    return event.state === 'converting' ? `${head} ${transferred(event, width)}` : head;
  };
  if (mode === 'tty') {
    const lines = layerLines(output);
    return (event) => lines.show(event.digest, event.state, () => text(event, output.columns));
  }
  return (event) => {
    if (event.state !== 'converting') output.write(`${text(event, 0)}\n`);
  };
}
