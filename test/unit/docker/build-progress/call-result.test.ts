import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type CallOptions, type CallResult, callResult } from '../../../../src/docker/build-progress/call-result.ts';

const source = { filename: 'Dockerfile', data: Buffer.from('FROM x\nENV a b\n').toString('base64') };
const range = (line: number) => [{ start: { line }, end: { line } }];
const lint = (...warnings: object[]): string => JSON.stringify({ warnings, sources: [source] });

it('sorts warnings by place, under the name that the user gave the file', () => {
  const json = lint(
    { ruleName: 'B', detail: 'second', location: { ranges: range(2) } },
    { ruleName: 'A', url: 'https://example.com', detail: 'first', location: { ranges: range(1) } },
    { ruleName: 'C', detail: 'nowhere', location: { sourceIndex: -1 } },
    { ruleName: 'D', location: { sourceIndex: 7, ranges: range(1) } },
  );
  const result = callResult({ 'result.json': json }, { name: 'lint', format: 'text', filename: 'app/Dockerfile' });
  assert.deepEqual(
    result.stdout.split('\n').filter((line) => /^(WARNING|Check|app)/.test(line)),
    [
      'Check complete, 4 warnings have been found!',
      'WARNING: C',
      'WARNING: D',
      'WARNING: A - https://example.com',
      'app/Dockerfile:1',
      'WARNING: B',
      'app/Dockerfile:2',
    ],
  );
});

const table: [string, Record<string, string>, Partial<CallOptions>, CallResult][] = [
  ['a text', { 'result.json': '{}', 'result.txt': 'TARGET\n' }, {}, { stdout: 'TARGET\n', exitCode: 0 }],
  ['JSON', { 'result.json': '{}', 'result.txt': 't' }, { format: 'json' }, { stdout: '{}\n', exitCode: 0 }],
  ['JSON alone', { 'result.json': '{}' }, {}, { stdout: '{}\n', exitCode: 0 }],
  ['nothing', {}, {}, { stdout: '\n', exitCode: 0 }],
  ['a status', { 'result.txt': '', 'result.statuscode': '3' }, {}, { stdout: '', exitCode: 3 }],
  ['no status', { 'result.statuscode': '3' }, { ignoreStatus: true }, { stdout: '\n', exitCode: 0 }],
  ['broken', { 'result.json': '{', 'result.txt': 't\n' }, { name: 'lint' }, { stdout: 't\n', exitCode: 0 }],
  [
    'newer',
    { version: '1.1.0', 'result.json': '{}', 'result.txt': 't\n' },
    { name: 'lint' },
    { stdout: 't\n', exitCode: 0 },
  ],
  [
    'one',
    { version: '1.0.0', 'result.json': lint({ ruleName: 'A' }), 'result.statuscode': '1' },
    { name: 'lint' },
    { stdout: 'Check complete, 1 warning has been found!\n\nWARNING: A\n\n', exitCode: 1 },
  ],
];
for (const [name, response, options, expected] of table) {
  it(`prints ${name}`, () => {
    assert.deepEqual(callResult(response, { name: 'outline', format: 'text', ...options }), expected);
  });
}
