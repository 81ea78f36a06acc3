/**
 * One side effect and its inverse. `undo` runs for every step that was begun, the failed one included,
 * so it must accept that nothing, or only part, was done.
 */
export interface Step {
  name: string;
  run(): Promise<void>;
  undo?(): Promise<void>;
}

/** Steps in order; an inner array is a group whose steps do not depend on each other and run at once. */
export type Plan = (Step | Step[])[];

/**
 * Runs a plan forward; on an error or an abort rolls back in reverse order and rethrows.
 * Failures of undo steps are handed to `onUndoError`: the operation journal makes the next command finish them.
 */
export async function runPlan(
  plan: Plan,
  options: { signal?: AbortSignal; onUndoError?: (step: Step, error: unknown) => void } = {},
): Promise<void> {
  const begun: Step[] = [];
  try {
    for (const entry of plan) {
      options.signal?.throwIfAborted();
      const group = Array.isArray(entry) ? entry : [entry];
      begun.push(...group);
      const results = await Promise.allSettled(group.map((step) => step.run()));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    }
    options.signal?.throwIfAborted();
  } catch (error) {
    for (const step of begun.reverse()) {
      await step.undo?.().catch((undoError: unknown) => options.onUndoError?.(step, undoError));
    }
    throw error;
  }
}

/** The plan as text, one line a step or group: what tests compare and `--debug` shows. */
export function describePlan(plan: Plan): string {
  return plan.map((entry) => (Array.isArray(entry) ? entry.map((s) => s.name).join(' | ') : entry.name)).join('\n');
}
