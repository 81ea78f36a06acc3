import { formatFixed } from '../values/float.ts';
import { nanosOf, secondsBetween, type VertexLog } from './status.ts';
import type { Step } from './step.ts';

/** Of one step, as a terminal keeps them to show them if it fails; more is forgotten from the front. */
const keptLines = 20_000;

/** Splits a message into lines, each with the seconds since the step's start; a started line is gone on with. */
export function addLog(step: Step, log: VertexLog): void {
  if (log.msg.length === 0) return;
  const text = Buffer.from(log.msg.buffer, log.msg.byteOffset, log.msg.byteLength).toString('latin1');
  const lines = text.split('\n');
  const rest = lines.pop();
  const complete = rest === '';
  if (!complete) lines.push(rest!);
  const prefix = `${stamp(step, log)} `;
  lines.forEach((line, index) => {
    if (index === 0 && step.logsPartial && step.logs.length > 0) step.logs[step.logs.length - 1] += line;
    else step.logs.push(prefix + line);
  });
  step.logsPartial = !complete;
}

/** Four digits: `0.123`, `12.34`, `123.4`. */
function stamp(step: Step, log: VertexLog): string {
  const start = step.merged.at(-1)?.start;
  const seconds = start === undefined || !log.timestamp ? 0 : secondsBetween(start, nanosOf(log.timestamp));
  return formatFixed(seconds, seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
}

export function forgetOldLogs(step: Step): void {
  if (step.logs.length > 2 * keptLines) step.logs.splice(0, step.logs.length - keptLines);
}
