import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { callResult } from '../../src/docker/build-progress/call-result.ts';
import { buildError } from '../../src/docker/build-progress/error.ts';
import { readErrorDetails } from '../../src/docker/build-progress/error-details.ts';
import { buildProgress } from '../../src/docker/build-progress/progress.ts';
import { rawJsonLine } from '../../src/docker/build-progress/rawjson.ts';
import { openScreen } from '../harness/screen.ts';
import { statusOf } from '../unit/docker/build-progress/recording.ts';

// The messages of builds that buildx 0.29 recorded (`history logs --progress=rawjson`), without the definitions, which are
// not shown, and what it printed of the same messages as plain and on a terminal (as Screen.styled has it).
const read = (name: string): Buffer => readFileSync(new URL(`build/${name}`, import.meta.url));

/** Not every log is UTF-8. */
const split = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n');

for (const name of ['fail', 'par', 'warn', 'pull']) {
  const lines = read(`${name}.jsonl`).toString().trimEnd().split('\n');

  test(`plain progress of a recorded build: ${name}`, () => {
    const progress = buildProgress({ mode: 'plain' });
    const parts = [...lines.map((line) => progress.update(statusOf(line))), progress.end()];
    assert.deepEqual(split(Buffer.concat(parts)), split(read(`${name}.plain`)));
  });

  test(`progress of a recorded build on a terminal: ${name}`, () => {
    const screen = openScreen(100, 30);
    const progress = buildProgress({ mode: 'tty', size: () => ({ columns: 100, rows: 30 }) });
    const parts = [...lines.map((line) => progress.update(statusOf(line))), progress.end()];
    screen.write(Buffer.concat(parts).toString().replace(/\r?\n/g, '\r\n'));
    assert.equal(`${screen.styled().join('\n')}\n`, read(`${name}.tty`).toString());
  });

  test(`rawjson progress of a recorded build: ${name}`, () => {
    for (const line of lines) assert.equal(rawJsonLine(statusOf(line)), `${line}\n`);
  });
}

test('the error of a failed build, of the details that BuildKit sent, is what buildx prints', () => {
  const details = Buffer.from(read('fail.details').toString(), 'base64');
  const { message, exitCode } = readErrorDetails(details);
  assert.equal(`${buildError(details, message)}\n`, read('fail.error').toString());
  assert.equal(exitCode, 3);
});

test('the text of a check is what buildx prints', () => {
  for (const name of ['lint', 'lint-error']) {
    const response = { 'result.json': read(`${name}.json`).toString().trimEnd(), 'result.statuscode': '1' };
    const result = callResult(response, { name: 'lint', format: 'text' });
    assert.equal(result.stdout, read(`${name}.txt`).toString());
    assert.equal(result.exitCode, 1);
    assert.equal(callResult(response, { name: 'lint', format: 'json' }).stdout, read(`${name}.json`).toString());
    assert.equal(result.error !== undefined, name === 'lint-error');
  }
  const none = callResult(
    { 'result.json': '{"warnings":[],"sources":[]}', 'result.statuscode': '0' },
    { name: 'lint', format: 'text' },
  );
  assert.deepEqual(none, { stdout: 'Check complete, no warnings found.\n', exitCode: 0 });
});
