import { processStat } from '../../host/proc.ts';
import type { Containerd } from '../../runtime/containerd.ts';

const lifetime = 24 * 3600 * 1000;

/** Our process, as `<pid>:<start time>`: whether a lease still protects somebody's work. */
const ownerLabel = 'nerdctl/lease-owner';
/** What the work under the lease can be taken up for again. */
const resumableLabel = 'nerdctl/lease-resumable';

export interface LeaseOptions {
  /** Failures after which the lease is left to expire, so that the next attempt finds what this one has done. */
  keepOn?: (error: unknown) => boolean;
  /** What the work is for, where half of it is worth keeping when the process is killed: an image's name. */
  resumable?: string;
  /** Until containerd's collector has run, also after work that has succeeded. */
  wait?: boolean;
}

/**
 * Runs `work` with a connection whose new blobs, ingests and snapshots the collector leaves alone. When it fails,
 * the lease is deleted synchronously: what nothing else refers to is gone before the error is reported.
 * A killed process leaves a lease that expires after a day; the next work that succeeds deletes it, unless it could
 * be resumed for something else.
 */
export async function withLease<T>(
  c: Containerd,
  work: (leased: Containerd) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const { resumable } = options;
  const labels = { [ownerLabel]: ownerOf(process.pid), ...(resumable && { [resumableLabel]: resumable }) };
  const id = await c.leases.create({ expire: new Date(Date.now() + lifetime), labels });
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
    const steady = c.withSignal(undefined);
    if (!keep) await steady.leases.delete(id, { sync: failed || (options.wait ?? false) }).catch(() => {});
    if (!failed) await dropDeadLeases(steady, (lease) => lease === undefined || lease === resumable).catch(() => {});
  }
}

/**
 * Deletes the leases of killed processes.
 * @param isDone whether nothing is left to be resumed for it; undefined: half of the work is worth nothing
 */
export async function dropDeadLeases(c: Containerd, isDone: (resumable: string | undefined) => boolean): Promise<void> {
  const leases = await c.leases.list([`labels."${ownerLabel}"`]);
  const dead = leases.filter(({ labels }) => {
    const owner = labels[ownerLabel] ?? '';
    return ownerOf(Number.parseInt(owner, 10)) !== owner && isDone(labels[resumableLabel]);
  });
  await Promise.all(dead.map(({ id }) => c.leases.delete(id)));
}

function ownerOf(pid: number): string {
  return `${pid}:${processStat(pid)?.startTime ?? 'gone'}`;
}
