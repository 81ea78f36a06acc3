import { setTimeout } from 'node:timers/promises';
import { isRegistryError } from './errors.ts';

export interface RetryOptions {
  signal: AbortSignal;
  /** Attempts in all. */
  attempts?: number;
  /** Milliseconds before the second attempt; doubles. */
  firstPause?: number;
  onRetry?: (seconds: number, error: unknown) => void;
}

/** A registry that asks for a longer rest is believed, and the user told. */
const longestPause = 60_000;

/**
 * How long to wait before trying again, in milliseconds.
 * @param attempt 1 after the first failure
 * @returns undefined when trying again would not help
 */
export function pauseBefore(error: unknown, attempt: number, options: RetryOptions): number | undefined {
  if (!isRegistryError(error) || !error.temporary || attempt >= (options.attempts ?? 5)) return undefined;
  if (error.retryAfter !== undefined) return error.retryAfter <= longestPause ? error.retryAfter : undefined;
  const pause = Math.min((options.firstPause ?? 500) * 2 ** (attempt - 1), 10_000);
  // Many clients that were cut off together must not come back together.
  return pause * (0.75 + Math.random() / 2);
}

/** @throws the last error */
export async function withRetries<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      options.signal.throwIfAborted();
      const pause = pauseBefore(error, attempt, options);
      if (pause === undefined) throw error;
      options.onRetry?.(pause / 1000, error);
      await setTimeout(pause, undefined, { signal: options.signal });
    }
  }
}

/** Seconds or an HTTP date, in milliseconds from now. */
export function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  // Of numbers that are none, as `-5`, Date makes years.
  const at = /^\s*[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
