import { randomBytes } from 'node:crypto';
import { mediaType, type OciDescriptor } from '../../docker/oci.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Mount } from '../../runtime/snapshots.ts';

/** The digest of a tar archive without entries: 1,024 zeros. */
const emptyTar = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/**
 * Stores what a container's snapshot adds to its parent as a layer without compression, whose digest is its DiffID.
 * Run it under a lease.
 * @param key of an active snapshot
 * @returns undefined when nothing has changed
 */
export async function diffOfSnapshot(
  c: Containerd,
  snapshotter: string,
  { key, parent }: { key: string; parent: string },
): Promise<OciDescriptor | undefined> {
  const snapshots = c.snapshots(snapshotter);
  const ref = `commit-${randomBytes(8).toString('hex')}`;
  const [lower, upper] = await Promise.all([snapshots.view(ref, parent), snapshots.mounts(key)]);
  let layer: OciDescriptor;
  try {
    const found = await c.diff.compare(lower, upper.map(readOnly), { mediaType: mediaType.ociLayer, ref });
    layer = { mediaType: found.mediaType, digest: found.digest, size: found.size };
  } finally {
    await c
      .withSignal(undefined)
      .snapshots(snapshotter)
      .remove(ref)
      .catch(() => {});
  }
  return layer.digest === emptyTar ? undefined : layer;
}

/**
 * The same files without a second writer in the upper directory of a running container: for overlayfs it becomes the
 * topmost of the lower ones.
 */
export function readOnly(mount: Mount): Mount {
  const { options } = mount;
  const upper = options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  if (upper === undefined) {
    return mount.type === 'bind' ? { ...mount, options: options.map((each) => (each === 'rw' ? 'ro' : each)) } : mount;
  }
  const kept = options.filter((option) => !/^(upper|work)dir=/.test(option));
  return { ...mount, options: kept.map((each) => each.replace(/^lowerdir=/, `lowerdir=${upper}:`)) };
}
