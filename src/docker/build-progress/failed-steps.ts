import { lastLinesKept, type PlainPrinter } from './plain.ts';
import { isCancelled } from './status.ts';
import type { Trace } from './trace.ts';

/**
 * The name and the log of each step that failed, which are printed below everything else; as bytes in a latin1 string.
 * @param printer has printed most of the logs already: its last lines are repeated
 */
export function failedSteps(trace: Trace, printer?: PlainPrinter): string {
  let out = '';
  for (const step of trace.steps) {
    if (step.error === '' || isCancelled(step.error)) continue;
    out += `------\n > ${Buffer.from(step.name).toString('latin1')}:\n`;
    const lines = printer ? [...printer.lastLines(step), ...step.logs].slice(-lastLinesKept) : step.logs;
    for (const line of lines) out += `${line}\n`;
    out += '------\n';
  }
  return out;
}
