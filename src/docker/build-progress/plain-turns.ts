import { secondsBetween } from './status.ts';
import type { Step } from './step.ts';

/** Seconds that a step is on display at least, and that one waits at most. */
const antiFlicker = 5;
const maxDelay = 10;

/**
 * Whose turn it is after the ended steps and the current one have been printed: each running step gets a share of the
 * display by how much it has to say, none waits for ever, and none is replaced too soon.
 * @param running those that have changed, at least one
 * @param closed the step that was on display has ended
 * @returns nothing: the current one stays on display
 */
export function nextToShow(
  running: readonly Step[],
  current: Step | undefined,
  closed: boolean,
  now: bigint,
): Step | undefined {
  const candidates = current && !running.includes(current) ? [...running, current] : running;
  const stats = candidates
    .filter((step) => step.changedSince !== undefined)
    .map((step) => {
      const waited = secondsBetween(step.changedSince!, now);
      return { step, waited, speed: step.changes / waited, overdue: waited > maxDelay && step !== current };
    });
  let busiest: (typeof stats)[number] | undefined;
  for (const stat of stats) if (stat.overdue || !busiest || busiest.speed < stat.speed) busiest = stat;
  if (closed || current === undefined) return busiest?.step;
  const overdue = stats.find((stat) => stat.overdue);
  if (overdue) return overdue.step;
  const own = stats.find((stat) => stat.step === current);
  if (!own) return undefined;
  const share = own.speed / stats.reduce((sum, { speed }) => sum + speed, 0);
  return antiFlicker / (1 - share) < own.waited ? busiest?.step : undefined;
}
