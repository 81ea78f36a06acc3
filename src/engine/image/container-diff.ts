import { randomBytes } from 'node:crypto';
import { DockerError } from '../../docker/errors.ts';
import { mediaType, type OciDescriptor } from '../../docker/oci.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Mount } from '../../runtime/snapshots.ts';

export type LayerCompression = 'none' | 'gzip' | 'zstd';

const types: Record<LayerCompression, string> = {
  none: mediaType.ociLayer,
  gzip: mediaType.ociLayerGzip,
  zstd: mediaType.ociLayerZstd,
};

export interface ContainerDiff {
  /** Undefined when nothing has changed. */
  layer: OciDescriptor | undefined;
  diffId: string;
}

/** The digest of a tar archive without entries: 1,024 zeros. */
const emptyTar = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/**
 * Stores what a container's snapshot adds to its parent as a layer. Run it under a lease.
 * @param key of an active snapshot
 */
export async function diffOfSnapshot(
  c: Containerd,
  snapshotter: string,
  { key, parent, compression }: { key: string; parent: string; compression: LayerCompression },
): Promise<ContainerDiff> {
  const snapshots = c.snapshots(snapshotter);
  const ref = `commit-${randomBytes(8).toString('hex')}`;
  const [lower, upper] = await Promise.all([snapshots.view(ref, parent), snapshots.mounts(key)]);
  let layer: OciDescriptor;
  try {
    const found = await c.diff.compare(lower, upper.map(readOnly), { mediaType: types[compression], ref });
    layer = { mediaType: found.mediaType, digest: found.digest, size: found.size };
  } catch (error) {
    if (isRpcError(error, Code.UNIMPLEMENTED) && compression !== 'gzip') {
      throw new DockerError('not-implemented', `this containerd cannot write layers with compression ${compression}`);
    }
    throw error;
  } finally {
    await c
      .withSignal(undefined)
      .snapshots(snapshotter)
      .remove(ref)
      .catch(() => {});
  }
  const { labels } = await c.content.info(layer.digest);
  const diffId = labels['containerd.io/uncompressed'] ?? layer.digest;
  return { diffId, layer: diffId === emptyTar ? undefined : layer };
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
