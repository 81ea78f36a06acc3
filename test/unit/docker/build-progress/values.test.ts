import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { progressBytes } from '../../../../src/docker/build-progress/bytes.ts';
import { type Interval, mergeIntervals, totalSeconds } from '../../../../src/docker/build-progress/intervals.ts';
import { distinctWarnings, warningSummary } from '../../../../src/docker/build-progress/warnings.ts';
import { formatFixed } from '../../../../src/docker/values/float.ts';
import { warning } from './messages.ts';

it("bytes have Go's places", () => {
  const table: [number, string][] = [
    [0, '0B'],
    [999, '999B'],
    [1000, '1.00kB'],
    [1_996_800, '2.00MB'],
    [3_200_000, '3.20MB'],
    [1.5e12, '1.50TB'],
    [-2000, '-2.00kB'],
  ];
  for (const [bytes, text] of table) assert.equal(progressBytes(bytes), text);
});

it('rounds halves to even, as Go does', () => {
  const table: [number, number, string][] = [
    [0.25, 1, '0.2'],
    [0.75, 1, '0.8'],
    [0.35, 1, '0.3'],
    [2.5, 0, '2'],
    [3.5, 0, '4'],
    [-0.25, 1, '-0.2'],
    [1.005, 2, '1.00'],
    [0.125, 2, '0.12'],
    [12.3456, 3, '12.346'],
  ];
  for (const [value, places, text] of table) assert.equal(formatFixed(value, places), text, `${value}`);
});

describe('intervals', () => {
  const second = 1_000_000_000n;
  const of = (...pairs: [number, number?][]): Interval[] =>
    pairs.map(([start, stop]) => ({
      start: BigInt(start) * second,
      stop: stop === undefined ? undefined : BigInt(stop) * second,
    }));
  const table: [string, Interval[], Interval[], number][] = [
    ['none', [], [], 0],
    ['apart, in any order', of([5, 6], [1, 2]), of([1, 2], [5, 6]), 2],
    ['touching', of([1, 2], [2, 4]), of([1, 4]), 3],
    ['overlapping', of([1, 3], [2, 4]), of([1, 4]), 3],
    ['inside', of([1, 9], [2, 4]), of([1, 9]), 8],
    ['open', of([1, 3], [2], [5, 6]), of([1]), 9],
    ['the last one open', of([1, 2], [4]), of([1, 2], [4]), 7],
  ];
  for (const [name, intervals, merged, seconds] of table) {
    it(name, () => {
      assert.deepEqual(mergeIntervals(intervals), merged);
      assert.equal(totalSeconds(mergeIntervals(intervals), 10n * second), seconds);
    });
  }
});

describe('the warnings below a build', () => {
  const found = [warning('a', 'Rule: one'), warning('b', 'Rule: one'), warning('a', 'Rule: two', 2)].flatMap(
    ({ warnings }) => warnings,
  );

  it('are told once each', () => {
    const distinct = distinctWarnings(found);
    assert.equal(
      warningSummary(distinct, { program: 'docker' }),
      '\n 2 warnings found (use docker --debug to expand):\n - Rule: one\n - Rule: two\n',
    );
    assert.match(
      warningSummary(distinct.slice(1), { program: 'docker', colour: true }),
      /^\n \x1b\[33m1 warning found \(use docker --debug to expand\):\n\x1b\[0m - /,
    );
    assert.equal(warningSummary([], { program: 'docker' }), '');
  });

  it('with all details', () => {
    assert.equal(
      warningSummary(distinctWarnings(found).slice(1), { program: 'docker', details: true }),
      `
 1 warning found:
 - Rule: two
It is so.
More info: https://example.com
Dockerfile:2
--------------------
   1 |     FROM x
   2 | >>> ENV a b
   3 |     
--------------------

`,
    );
  });
});
