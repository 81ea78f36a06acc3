import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildError, buildExitCode } from '../../../../src/docker/build-progress/error.ts';
import { readErrorDetails } from '../../../../src/docker/build-progress/error-details.ts';
import { sourceExcerpt } from '../../../../src/docker/build-progress/excerpt.ts';

const dockerfile = 'FROM scratch\nADD root.tar /\nRUN true\nRUN false\nCOPY x /\nCOPY y /\nCMD ["sh"]\n';
const digest = `sha256:${'ab'.repeat(32)}`;

/** A field with a length, or a number, as protobuf has it. */
function field(number: number, value: string | Uint8Array | number): Buffer {
  if (typeof value === 'number') return Buffer.from([number * 8, ...varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}

const any = (type: string, value: unknown): Buffer =>
  field(3, Buffer.concat([field(1, `github.com/moby/buildkit/${type}`), field(2, JSON.stringify(value))]));

const source = (...lines: [number, number?][]) => ({
  info: { filename: 'Dockerfile', data: Buffer.from(dockerfile).toString('base64'), language: 'Dockerfile' },
  ranges: lines.map(([start, end]) => ({ start: { line: start }, end: end ? { line: end } : {} })),
});

const status = (...details: Buffer[]): Buffer => Buffer.concat([field(1, 2), field(2, 'it failed'), ...details]);

describe('buildError', () => {
  it('shows the failing line, as BuildKit does', () => {
    const details = status(
      any('stack.Stack+json', { frames: [] }),
      any('gatewayapi.ExitMessage+json', { Code: 7 }),
      any('errdefs.Vertex+json', { digest }),
      any('errdefs.Source+json', source([4, 4])),
    );
    assert.equal(
      buildError(details, 'process "/bin/sh -c false" did not complete successfully: exit code: 7'),
      `Dockerfile:4
--------------------
   2 |     ADD root.tar /
   3 |     RUN true
   4 | >>> RUN false
   5 |     COPY x /
   6 |     COPY y /
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 7`,
    );
    assert.deepEqual(
      { ...readErrorDetails(details), sources: 0 },
      { code: 2, message: 'it failed', vertex: digest, exitCode: 7, sources: 0 },
    );
  });

  it('shows every source, and says what status it was', () => {
    const details = status(any('errdefs.Source+json', source([1])), any('errdefs.Source+json', source([3], [5, 6])));
    const text = buildError(details, 'no such thing', 5);
    assert.match(text, /^Dockerfile:1\n[\s\S]*\nDockerfile:3\n/);
    assert.ok(text.endsWith('\nERROR: failed to build: failed to solve: NotFound: no such thing'), text);
  });

  it('does without details, and with broken ones', () => {
    const sentence = 'ERROR: failed to build: failed to solve: oh';
    const hostile = [
      Buffer.alloc(0),
      Buffer.from([0xff, 0xff, 0xff]),
      Buffer.from([0x1a, 0x7f, 0x01]),
      field(3, field(2, '{"info":3}')),
      status(field(3, Buffer.concat([field(1, 'x/errdefs.Source+json'), field(2, '{broken')]))),
      status(any('errdefs.Source+json', null), any('errdefs.Source+json', { info: 'x', ranges: [null, 3] })),
      status(any('errdefs.Source+json', source([99])), any('errdefs.Source+json', source())),
    ];
    for (const details of [undefined, ...hostile]) assert.equal(buildError(details, 'oh'), sentence);
  });

  it("ends with buildx's status", () => {
    assert.deepEqual([2, 13, 8, 1].map(buildExitCode), [1, 100, 102, 130]);
  });
});

describe('sourceExcerpt', () => {
  const info = { filename: 'Dockerfile', data: Buffer.from(dockerfile) };
  const range = (start: number, end = 0) => ({
    start: { line: start, character: 0 },
    end: { line: end, character: 0 },
  });
  /** The numbers of the lines; negative: marked. */
  const shown = (...ranges: ReturnType<typeof range>[]): number[] =>
    [...sourceExcerpt({ info, ranges }).matchAll(/^ {3}(\d) \| (>>>)?/gm)].map((match) =>
      match[2] ? -Number(match[1]) : Number(match[1]),
    );
  const table: [string, ReturnType<typeof range>[], number[]][] = [
    ['one line', [range(4, 4)], [2, 3, -4, 5, 6]],
    ['no end', [range(4)], [2, 3, -4, 5, 6]],
    ['the first line', [range(1, 1)], [-1, 2, 3]],
    ['the last line', [range(8, 8)], [6, 7, -8]],
    ['several lines', [range(3, 4)], [2, -3, -4, 5]],
    ['several ranges', [range(5, 6), range(2, 2)], [1, -2, 3, 4, -5, -6, 7]],
    ['beyond the end', [range(7, 99)], [6, -7, -8]],
    ['no line', [range(0, 0)], []],
    ['no range', [], []],
  ];
  for (const [name, ranges, lines] of table) it(name, () => assert.deepEqual(shown(...ranges), lines));
});
