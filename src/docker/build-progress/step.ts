import { type Interval, mergeIntervals } from './intervals.ts';
import type { LogScreen } from './log-screen.ts';
import type { BuildVertex, BuildWarning, VertexStatus } from './status.ts';

/** A line of the display: a vertex, or all vertexes of a progress group; what the messages said of it so far. */
export interface Step {
  /** Of the vertex, or the group's ID. */
  readonly digest: string;
  name: string;
  cached: boolean;
  error: string;
  /** A group none of whose members that count has started. */
  hidden: boolean;
  /** By start: a vertex may run several times, and repeated messages on a run replace each other. */
  readonly intervals: Map<bigint, Interval>;
  merged: readonly Interval[];
  /** Those that have started, in that order, and all of them by ID. */
  readonly statuses: string[];
  readonly statusById: Map<string, VertexStatus>;
  readonly warnings: BuildWarning[];
  /** Lines with the seconds before them, as bytes (latin1): a log need not be UTF-8. */
  logs: string[];
  /** The last line has no newline yet. */
  logsPartial: boolean;
  /** What the last message on the vertex said, to see what changes. */
  previous?: BuildVertex;
  /** Messages since the step was last on display, and since when. */
  changes: number;
  changedSince?: bigint;
  /** Its end is worth showing while it runs; only for a terminal. */
  readonly screen?: LogScreen;
}

export function newStep(digest: string, name: string, screen: LogScreen | undefined): Step {
  return {
    digest,
    name,
    cached: false,
    error: '',
    hidden: false,
    intervals: new Map(),
    merged: [],
    statuses: [],
    statusById: new Map(),
    warnings: [],
    logs: [],
    logsPartial: false,
    changes: 0,
    screen,
  };
}

export function addInterval(step: Step, start: bigint, stop: bigint | undefined): void {
  step.intervals.set(start, { start, stop });
  step.merged = mergeIntervals(step.intervals.values());
}

export function isStarted(step: Step): boolean {
  return step.merged.length > 0;
}

export function isCompleted(step: Step): boolean {
  return step.merged.at(-1)?.stop !== undefined;
}

/** @param now nanoseconds since 1970 */
export function countChange(step: Step, now: bigint): void {
  if (step.changes === 0) step.changedSince = now;
  step.changes++;
}
