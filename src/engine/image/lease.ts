import type { Containerd } from '../../runtime/containerd.ts';

const lifetime = 24 * 3600 * 1000;

export interface LeaseOptions {
  /** Failures after which the lease is left to expire, so that the next attempt finds what this one has done. */
  keepOn?: (error: unknown) => boolean;
}

/**
 * Runs `work` with a connection whose new blobs, ingests and snapshots the collector leaves alone. When it fails,
 * the lease is deleted synchronously: what nothing else refers to is gone before the error is reported.
 * A killed process leaves a lease that expires after a day.
 */
export async function withLease<T>(
  c: Containerd,
  work: (leased: Containerd) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const id = await c.leases.create({ expire: new Date(Date.now() + lifetime) });
  let failed = true;
  let keep = false;
  try {
    const result = await work(c.withLease(id));
    failed = false;
    return result;
  } catch (error) {
    keep = options.keepOn?.(error) ?? false;
    throw error;
  } finally {
    if (!keep)
      await c
        .withSignal(undefined)
        .leases.delete(id, { sync: failed })
        .catch(() => {});
  }
}
