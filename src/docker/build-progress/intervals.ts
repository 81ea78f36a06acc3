import { secondsBetween } from './status.ts';

/** In nanoseconds since 1970; still open without a stop. */
export interface Interval {
  readonly start: bigint;
  readonly stop?: bigint;
}

/** Overlapping intervals become one; one without a stop takes in all that start later. Sorted by start. */
export function mergeIntervals(intervals: Iterable<Interval>): Interval[] {
  const sorted = [...intervals].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const merged: Interval[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last === undefined || (last.stop !== undefined && last.stop < next.start)) merged.push(next);
    else if (last.stop !== undefined && (next.stop === undefined || next.stop > last.stop)) {
      merged[merged.length - 1] = { start: last.start, stop: next.stop };
    }
  }
  return merged;
}

/** In seconds; an open interval lasts until now. */
export function totalSeconds(intervals: readonly Interval[], now: bigint): number {
  return intervals.reduce((sum, { start, stop }) => sum + secondsBetween(start, stop ?? now), 0);
}
