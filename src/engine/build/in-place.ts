import { isAlive, linkTarget } from '../../host/proc.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { type Engine, forUndo, withoutSignal } from '../engine.ts';
import { withLease } from '../image/lease.ts';
import { danglingName, deleteRecord, putImage } from '../image/records.ts';
import { factsLabels, factsOf } from '../image/summary.ts';
import { unpackImage } from '../image/unpack.ts';
import { viewImage } from '../image/view.ts';

/**
 * Gives an image that BuildKit has put into our containerd its names, or makes it a dangling one.
 * @param prefix of the name it has from the exporter
 * @returns its ID
 */
export async function nameImage(
  engine: Engine,
  { prefix, digest, names }: { prefix: string; digest: string; names: readonly string[] },
): Promise<string> {
  const { snapshotter } = engine.settings;
  // A signal between two names would leave half of them.
  const c = withoutSignal(engine).containerd;
  const temporary = `${prefix}@${digest}`;
  const record = await c.images.get(temporary);
  const view = await viewImage(c, record);
  await withLease(c, (leased) => unpackImage(leased, snapshotter, view.manifest, view.config));
  const labels = factsLabels(snapshotter, view, await factsOf(c, snapshotter, view));
  const all = names.length > 0 ? names : await danglingNames(c, digest, temporary);
  for (const name of all) await putImage(c, name, view.target, labels);
  await deleteRecord(c, temporary);
  return view.imageId;
}

/** None where the same image has a name already: it is not shown twice. */
async function danglingNames(c: Containerd, digest: string, temporary: string): Promise<string[]> {
  const others = await c.images.list([`target.digest==${digest}`]);
  return others.some(({ name }) => name !== temporary) ? [] : [danglingName(digest)];
}

/** Of the image until it gets its names: who builds it, so that others see when nobody does any more. */
export const ownPrefix = (ref: string): string => `${prefixes}${processes()}-${process.pid}-${ref}`;

const prefixes = 'nerdctl-build-';

/** The processes that a PID counts. */
const processes = (): string => linkTarget('/proc/self/ns/pid')?.replace(/\D/g, '') ?? '0';

/** Removes what builds have left whose process was killed. */
export async function dropAbandoned(engine: Engine): Promise<void> {
  const c = engine.containerd;
  const dead = (name: string) => {
    const [, space, pid] = /^nerdctl-build-(\d+)-(\d+)-/.exec(name) ?? [];
    return pid !== undefined && space === processes() && !isAlive(Number(pid));
  };
  const left = await c.images.list([`name~=${JSON.stringify(`^${prefixes}`)}`]);
  for (const { name } of left) if (dead(name)) await deleteRecord(c, name);
}

/** Removes what a build that failed or was interrupted has left in our containerd. */
export async function dropUnnamed(engine: Engine, prefix: string): Promise<void> {
  const c = forUndo(engine).containerd;
  const left = await c.images.list([`name~=${JSON.stringify(`^${prefix}@`)}`]);
  await Promise.all(left.map(({ name }) => deleteRecord(c, name, { sync: true })));
}
