import { isDockerError } from '../../docker/errors.ts';
import { isRpcError } from '../../grpc/status.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { ImageView } from './view.ts';

/** What a list shows of an image. */
export interface ImageFacts {
  /** The config's digest; the target's, where the content is missing. */
  id: string;
  /** RFC 3339, as in the config; empty where it says nothing. */
  created: string;
  /** Bytes of the unpacked layers, as docker counts; of the compressed ones where none is unpacked. */
  size: number;
}

/**
 * On image records: the facts, so that a list of images is one call. It names what it was made from, because other
 * tools move names to other targets and keep the labels.
 */
export const factsLabel = 'nerdctl/image-facts';

interface StoredFacts extends ImageFacts {
  target: string;
  snapshotter: string;
}

export function factsLabels(
  snapshotter: string,
  view: Pick<ImageView, 'target'>,
  facts: ImageFacts,
): Record<string, string> {
  const stored: StoredFacts = { target: view.target.digest, snapshotter, ...facts };
  return { [factsLabel]: JSON.stringify(stored) };
}

/** Undefined when there are none, or they are of another target or snapshotter. */
export function storedFacts(record: Image, snapshotter: string): ImageFacts | undefined {
  const text = record.labels[factsLabel];
  if (text === undefined) return undefined;
  try {
    const { target, snapshotter: of, id, created, size } = JSON.parse(text) as StoredFacts;
    if (target !== record.target?.digest || of !== snapshotter) return undefined;
    return typeof id === 'string' && typeof created === 'string' && typeof size === 'number'
      ? { id, created, size }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @param sizes shared by the images of one listing: layers are asked for once */
export async function factsOf(
  c: Containerd,
  snapshotter: string,
  view: Pick<ImageView, 'imageId' | 'config' | 'chainIds' | 'manifest'>,
  sizes = new Map<string, Promise<number>>(),
): Promise<ImageFacts> {
  const layers = await layerSizes(c, snapshotter, view, sizes);
  return {
    id: view.imageId,
    created: view.config.created ?? '',
    size: layers.reduce((total, each) => total + each, 0),
  };
}

/** Bytes of each layer, bottom first: unpacked, or compressed where the image is not unpacked. */
export async function layerSizes(
  c: Containerd,
  snapshotter: string,
  view: Pick<ImageView, 'chainIds' | 'manifest'>,
  sizes = new Map<string, Promise<number>>(),
): Promise<number[]> {
  const snapshots = c.snapshots(snapshotter);
  const usage = (key: string): Promise<number> => {
    let size = sizes.get(key);
    if (!size) {
      size = snapshots.usage(key).then((found) => found.size);
      sizes.set(key, size);
    }
    return size;
  };
  try {
    return await Promise.all(view.chainIds.map(usage));
  } catch (error) {
    if (!isRpcError(error)) throw error;
    return view.manifest.layers.map((layer) => layer.size);
  }
}

/** The facts of any record, from its label or read from the content store. */
export async function recordFacts(
  c: Containerd,
  snapshotter: string,
  record: Image,
  sizes?: Map<string, Promise<number>>,
): Promise<ImageFacts> {
  const stored = storedFacts(record, snapshotter);
  if (stored) return stored;
  // Rarely needed by a list of images, which shall load little.
  const { viewImage } = await import('./view.ts');
  try {
    return await factsOf(c, snapshotter, await viewImage(c, record), sizes);
  } catch (error) {
    if (!isDockerError(error)) throw error;
    return { id: record.target?.digest ?? '', created: record.createdAt?.toISOString() ?? '', size: 0 };
  }
}
