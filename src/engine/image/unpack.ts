import { randomBytes } from 'node:crypto';
import { DockerError } from '../../docker/errors.ts';
import {
  isLayerType,
  mediaType,
  type OciDescriptor,
  type OciImage,
  type OciManifest,
  shortId,
} from '../../docker/oci.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Mount } from '../../runtime/snapshots.ts';
import { chainIds } from './chain.ts';
import { setContentLabels } from './content.ts';

type Snapshots = ReturnType<Containerd['snapshots']>;

export interface UnpackOptions {
  /** Resolves when the layer's blob is in the content store; layers are applied in order as they arrive. */
  ready?: (layer: OciDescriptor) => Promise<void>;
  onLayer?: (layer: OciDescriptor, state: 'extracting' | 'complete' | 'exists') => void;
}

/**
 * Makes the snapshots of an image's layers, bottom up, named by chain ID, and ties them to the config blob for the
 * collector. Two processes may do this at the same time: whoever commits second finds the snapshot and drops its own.
 * Run it under a lease.
 */
export async function unpackImage(
  c: Containerd,
  snapshotter: string,
  manifest: OciManifest,
  config: OciImage,
  options: UnpackOptions = {},
): Promise<void> {
  const layers = manifest.layers;
  const diffIds = config.rootfs.diff_ids;
  if (!layers.every((layer) => isLayerType(layer.mediaType))) {
    throw new DockerError('invalid', `${manifest.config.digest} is no container image: its layers are no file systems`);
  }
  if (layers.length !== diffIds.length) {
    throw new DockerError(
      'invalid',
      `the image is inconsistent: its manifest has ${layers.length} layers and its config ${diffIds.length}`,
    );
  }
  const chain = chainIds(diffIds);
  const snapshots = c.snapshots(snapshotter);
  const present = await presentLayers(snapshots, chain);
  for (const [i, layer] of layers.entries()) {
    if (i < present) {
      options.onLayer?.(layer, 'exists');
      continue;
    }
    await options.ready?.(layer);
    options.onLayer?.(layer, 'extracting');
    await applyLayer(c, snapshotter, layer, { diffId: diffIds[i]!, chainId: chain[i]!, parent: chain[i - 1] ?? '' });
    options.onLayer?.(layer, 'complete');
  }
  const top = chain.at(-1);
  if (top !== undefined) {
    await setContentLabels(c, manifest.config.digest, { [snapshotGcLabel(snapshotter)]: top });
  }
}

/** On the config blob: the image's top snapshot. */
export const snapshotGcLabel = (snapshotter: string): string => `containerd.io/gc.ref.snapshot.${snapshotter}`;

/** How many layers from the bottom are unpacked; a snapshot implies its parents. */
export async function presentLayers(snapshots: Snapshots, chain: readonly string[]): Promise<number> {
  for (let i = chain.length; i > 0; i--) {
    if (await hasSnapshot(snapshots, chain[i - 1]!)) return i;
  }
  return 0;
}

async function hasSnapshot(snapshots: Snapshots, key: string): Promise<boolean> {
  try {
    await snapshots.stat(key);
    return true;
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return false;
    throw error;
  }
}

function unpackError(error: unknown, layer: OciDescriptor): unknown {
  if (!isRpcError(error) || error.code === Code.CANCELLED) return error;
  return new DockerError('system', `failed to unpack layer ${shortId(layer.digest)}: ${error.details}`, {
    cause: error,
  });
}

function apply(c: Containerd, layer: OciDescriptor, mounts: Mount[]): ReturnType<Containerd['diff']['apply']> {
  const { digest, size } = layer;
  // containerd 1.6 knows zstd under OCI's name only.
  const type = layer.mediaType === mediaType.dockerLayerZstd ? mediaType.ociLayerZstd : layer.mediaType;
  return c.diff.apply({ mediaType: type, digest, size, annotations: {} }, mounts);
}

/**
 * Unpacks a layer that is not known yet, as the only one of an image. Run it under a lease.
 * @returns its DiffID
 */
export async function unpackNewLayer(c: Containerd, snapshotter: string, layer: OciDescriptor): Promise<string> {
  const snapshots = c.snapshots(snapshotter);
  const key = `extract-${randomBytes(6).toString('hex')} ${layer.digest}`;
  const mounts = await snapshots.prepare(key, '');
  let diffId: string | undefined;
  try {
    diffId = (await apply(c, layer, mounts)).digest;
    await snapshots.commit(diffId, key, { 'containerd.io/snapshot.ref': diffId });
  } catch (error) {
    await c
      .withSignal(undefined)
      .snapshots(snapshotter)
      .remove(key)
      .catch(() => {});
    if (diffId === undefined || !isRpcError(error, Code.ALREADY_EXISTS)) throw unpackError(error, layer);
  }
  await setContentLabels(c, layer.digest, { 'containerd.io/uncompressed': diffId });
  return diffId;
}

async function applyLayer(
  c: Containerd,
  snapshotter: string,
  layer: OciDescriptor,
  ids: { diffId: string; chainId: string; parent: string },
): Promise<void> {
  const snapshots = c.snapshots(snapshotter);
  const key = `extract-${randomBytes(6).toString('hex')} ${ids.chainId}`;
  const labels = { 'containerd.io/snapshot.ref': ids.chainId };
  try {
    // Also says ALREADY_EXISTS: the label makes containerd look for the committed snapshot, and lease it.
    const mounts = await snapshots.prepare(key, ids.parent, labels);
    const applied = await apply(c, layer, mounts);
    if (applied.digest !== ids.diffId) {
      throw new DockerError(
        'invalid',
        `layer ${layer.digest} is corrupt: its content has digest ${applied.digest}, the image config says ${ids.diffId}`,
      );
    }
    await snapshots.commit(ids.chainId, key, labels);
  } catch (error) {
    await c
      .withSignal(undefined)
      .snapshots(snapshotter)
      .remove(key)
      .catch(() => {});
    if (!isRpcError(error, Code.ALREADY_EXISTS)) throw unpackError(error, layer);
  }
  await setContentLabels(c, layer.digest, { 'containerd.io/uncompressed': ids.diffId });
}
