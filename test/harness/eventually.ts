import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again until the answer is neither undefined nor false; errors end it. For what has no event a test could wait for: a server
 * inside a container that starts to listen, a process of another parent that ends.
 */
export async function eventually<T>(
  ask: () => T | false | undefined | Promise<T | false | undefined>,
  what: string,
  timeout = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as T;
    if (Date.now() > deadline) throw new Error(`waited ${timeout} ms for ${what}`);
    await delay(pause);
  }
}
