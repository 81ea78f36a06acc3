import { transferredBytes } from './bytes.ts';
import { type Interval, mergeIntervals } from './intervals.ts';
import { isCancelled, nanosOf, nanosOrNone } from './status.ts';
import { isCompleted, type Step } from './step.ts';
import type { Trace } from './trace.ts';

/** A line of the terminal: a step, or below it one of its transfers or warnings. */
export interface Job {
  name: string;
  /** Bytes transferred. */
  detail: string;
  /** By the daemon's clock; none: it is not shown. */
  intervals: readonly Interval[];
  completed: boolean;
  outcome: 'done' | 'cancelled' | 'failed';
  /** Only of a step's own line. */
  step?: Step;
}

export interface JobList {
  jobs: Job[];
  total: number;
  completed: number;
}

export function listJobs(trace: Trace): JobList {
  const all = [...trace.byDigest.values()].filter((step) => !step.hidden);
  return {
    jobs: trace.steps.flatMap((step) => [stepJob(step), ...statusJobs(step), ...warningJobs(step)]),
    total: all.length,
    completed: all.filter(isCompleted).length,
  };
}

function stepJob(step: Step): Job {
  const outcome = step.error === '' ? 'done' : isCancelled(step.error) ? 'cancelled' : 'failed';
  const words = { done: '', cancelled: 'CANCELED ', failed: 'ERROR ' }[outcome];
  return {
    name: `${step.cached ? 'CACHED ' : ''}${words}${printable(step.name)}`,
    detail: '',
    intervals: mergeIntervals(step.intervals.values()),
    completed: [...step.intervals.values()].every(({ stop }) => stop !== undefined),
    outcome,
    step,
  };
}

function statusJobs(step: Step): Job[] {
  return step.statuses.map((id) => {
    const status = step.statusById.get(id)!;
    return {
      name: `=> ${printable(id)}`,
      detail: transferredBytes(status),
      intervals: status.started ? [{ start: nanosOf(status.started), stop: nanosOrNone(status.completed) }] : [],
      completed: status.completed !== undefined,
      outcome: 'done',
    };
  });
}

function warningJobs(step: Step): Job[] {
  const last = step.merged.at(-1);
  return step.warnings.map(({ short }) => ({
    name: `WARN: ${printable(Buffer.from(short).toString())}`,
    detail: '',
    intervals: last ? [last] : [],
    completed: false,
    outcome: 'cancelled',
  }));
}

/** No name may move the cursor. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}
