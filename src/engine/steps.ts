/**
 * One side effect and its inverse. `undo` runs for every step that was begun, the failed one included,
 * so it must accept that nothing, or only part, was done.
 */
export interface Step {
  name: string;
  run(): Promise<void>;
  undo?(): Promise<void>;
  /** Undone only when everything else could be: else the journal's entry makes the next command finish it. */
  isJournal?: boolean;
}

/** Steps in order; an inner array is a group whose steps do not depend on each other and run at once. */
export type Plan = (Step | Step[])[];

/**
 * Runs a plan forward; on an error or an abort rolls back in reverse order and rethrows. An undo that fails (containerd
 * has gone) does not keep the others from running.
 */
export async function runPlan(plan: Plan, options: { signal?: AbortSignal } = {}): Promise<void> {
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
    let undone = true;
    for (const step of begun.reverse()) {
      if (step.isJournal && !undone) continue;
      await step.undo?.().catch(() => {
        undone = false;
      });
    }
    throw error;
  }
}
