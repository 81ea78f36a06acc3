/** Runs at most `max` at a time, in the order of the calls. */
export function limiter(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** Waits for every one to have ended, also when one fails. */
export async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** Runs all, stops the others at the first failure, and waits for every one to have ended before reporting it. */
export async function concurrently(work: readonly (() => Promise<void>)[], stop: AbortController): Promise<void> {
  let failed = false;
  let failure: unknown;
  await Promise.all(
    work.map((each) =>
      each().catch((error: unknown) => {
        if (!failed) failure = error;
        failed = true;
        stop.abort(failure);
      }),
    ),
  );
  if (failed) throw failure;
}
