// JavaScript, because the test runner loads its reporters before any loader is there.
import { relative } from 'node:path';

/** @param {{message?: string, cause?: {message?: string}} | undefined} error */
function firstLine(error) {
  return (error?.cause?.message ?? error?.message ?? '').split('\n')[0] ?? '';
}

/** A reporter of node's test runner: one Row (tally-row.ts) per test; suites and files are left out. */
// biome-ignore lint/style/noDefaultExport: the test runner takes the default export of a reporter
export default async function* tally(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isGroup = data.details?.type === 'suite' || data.name.endsWith('.test.ts');
    const error = data.details?.error;
    if (isGroup && (type === 'test:pass' || /subtests? failed/.test(firstLine(error)))) continue;
    const isSkipped = data.skip !== undefined && data.skip !== false;
    const row = {
      file: data.file === undefined ? '' : relative(process.cwd(), data.file),
      name: data.name,
      outcome: type === 'test:fail' ? 'failed' : isSkipped ? 'skipped' : 'passed',
      reason: isSkipped ? String(data.skip) : firstLine(error),
      ms: Math.round(data.details?.duration_ms ?? 0),
    };
    yield `${JSON.stringify(row)}\n`;
  }
}
