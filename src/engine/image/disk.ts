import type { ContentInfo } from '../../runtime/content.ts';
import type { SnapshotInfo } from '../../runtime/snapshots.ts';
import type { Engine } from '../engine.ts';
import { snapshotGcLabel } from './unpack.ts';

/** What blobs and snapshots hang on each other, as containerd's collector sees it, and what they take. */
export interface ImageDisk {
  /** The blobs and snapshots that a blob keeps, itself among them, as far as they are here. */
  partsOf(digest: string): ReadonlySet<DiskPart>;
  /** Sums; a part of several sets must be asked for once. Bytes. */
  sizeOf(parts: Iterable<DiskPart>): Promise<number>;
  /** Whether the blob is here. */
  has(digest: string): boolean;
}

/** The same object whenever the same blob or snapshot is met. */
export interface DiskPart {
  kind: 'content' | 'snapshot';
  /** A digest, or a snapshot's name. */
  key: string;
}

/**
 * Two calls, whatever the number of images: the labels by which the collector finds its way are all that is needed.
 * Sizes of snapshots are asked for when they are wanted.
 */
export async function imageDisk(engine: Engine): Promise<ImageDisk> {
  const { containerd: c, settings } = engine;
  const snapshots = c.snapshots(settings.snapshotter);
  const [infos, snapshotInfos] = await Promise.all([c.content.list(), snapshots.list()]);
  const blobs = new Map<string, ContentInfo>(infos.map((info) => [info.digest, info]));
  const layers = new Map<string, SnapshotInfo>(snapshotInfos.map((info) => [info.name, info]));
  const parts = new Map<string, DiskPart>();
  const part = (kind: DiskPart['kind'], key: string): DiskPart => {
    const id = `${kind} ${key}`;
    const known = parts.get(id) ?? { kind, key };
    parts.set(id, known);
    return known;
  };
  const topLabel = snapshotGcLabel(settings.snapshotter);

  function collect(digest: string, into: Set<DiskPart>): void {
    const info = blobs.get(digest);
    const self = part('content', digest);
    if (!info || into.has(self)) return;
    into.add(self);
    for (const [key, value] of Object.entries(info.labels)) {
      if (key.startsWith('containerd.io/gc.ref.content')) collect(value, into);
      else if (key === topLabel) collectChain(value, into);
    }
  }
  function collectChain(top: string, into: Set<DiskPart>): void {
    for (let info = layers.get(top); info; info = layers.get(info.parent)) into.add(part('snapshot', info.name));
  }

  const known = new Map<string, Set<DiskPart>>();
  const usages = new Map<string, Promise<number>>();
  const usage = (name: string): Promise<number> => {
    // A snapshot may be removed while we ask.
    const asked =
      usages.get(name) ??
      snapshots
        .usage(name)
        .then(({ size }) => size)
        .catch(() => 0);
    usages.set(name, asked);
    return asked;
  };
  return {
    partsOf(digest) {
      let found = known.get(digest);
      if (!found) {
        found = new Set();
        collect(digest, found);
        known.set(digest, found);
      }
      return found;
    },
    async sizeOf(wanted) {
      const sizes = await Promise.all(
        [...wanted].map(({ kind, key }) => (kind === 'content' ? (blobs.get(key)?.size ?? 0) : usage(key))),
      );
      return sizes.reduce((total, size) => total + size, 0);
    },
    has: (digest) => blobs.has(digest),
  };
}
