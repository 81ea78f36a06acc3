import type { BuildCacheRow } from '../../docker/views/build-cache-list.ts';
import type { ContainerSummary } from '../../docker/views/container-list.ts';
import { type Env, mayHaveDaemon } from '../build/daemon-places.ts';
import { type ListedContainer, listContainers } from '../container/list.ts';
import { summarize } from '../container/summary.ts';
import { orUndefined } from '../container/task.ts';
import type { Engine } from '../engine.ts';
import { type DiskPart, imageDisk } from '../image/disk.ts';
import { type ImageSummary, listImages } from '../image/list.ts';
import { containerUses, usesImage } from '../image/usage.ts';
import { volumeUsers } from '../volume/in-use.ts';
import { volumeSize } from '../volume/size.ts';
import { listVolumes, type Volume } from '../volume/store.ts';

/** Bytes; what several share is counted once in `total`. */
export interface Usage<T> {
  items: T[];
  active: number;
  total: number;
  /** What would be free without the items that are not active. */
  reclaimable: number;
}

/** `Size` is blobs and unpacked layers, of which `SharedSize` other images have too. */
export type ImageUsage = Pick<ImageSummary, 'Id' | 'RepoTags' | 'RepoDigests' | 'Created'> & {
  Size: number;
  SharedSize: number;
  Containers: number;
};

export type VolumeUsage = Volume & { Size: number; Links: number };

/** `GET /system/df` of the Docker Engine API, of the namespace. */
export interface DiskUsage {
  images: Usage<ImageUsage>;
  containers: Usage<ContainerSummary & { SizeRw: number }>;
  volumes: Usage<VolumeUsage>;
  /** BuildKit's, and none without it. */
  buildCache: Usage<BuildCacheRow>;
}

export async function diskUsage(engine: Engine, env: Env): Promise<DiskUsage> {
  const [images, containers, volumes, buildCache] = await Promise.all([
    imageUsage(engine),
    containerUsage(engine),
    volumeUsage(engine),
    cacheUsage(engine, env),
  ]);
  return { images, containers, volumes, buildCache };
}

/** Milliseconds: what it keeps is an extra here, and nobody waits for a BuildKit that is slow. */
const buildKitPatience = 500;

async function cacheUsage(engine: Engine, env: Env): Promise<Usage<BuildCacheRow>> {
  const none = { items: [], active: 0, total: 0, reclaimable: 0 };
  if (!mayHaveDaemon(engine.settings.namespace, env)) return none;
  const { buildCacheWithin } = await import('../build/cache.ts');
  const items = await buildCacheWithin(engine, env, buildKitPatience);
  if (!items) return none;
  // As docker: what is shared with images is counted there, and what is in use stays.
  const sum = (some: readonly BuildCacheRow[]): number => some.reduce((total, { Size }) => total + Size, 0);
  const total = sum(items.filter(({ Shared }) => !Shared));
  const active = items.filter(({ InUse }) => InUse);
  return { items, active: active.length, total, reclaimable: total - sum(active) };
}

async function imageUsage(engine: Engine): Promise<Usage<ImageUsage>> {
  const c = engine.containerd;
  const [images, records, disk, uses] = await Promise.all([
    listImages(engine),
    c.images.list(),
    imageDisk(engine),
    containerUses(c),
  ]);
  const targets = new Map(records.map(({ name, target }) => [name, target?.digest ?? '']));
  const measured = images.map((image) => {
    const parts = new Set<DiskPart>(image.names.flatMap((name) => [...disk.partsOf(targets.get(name) ?? '')]));
    const users = uses.filter((use) => usesImage(use, image.Id, image.names));
    return { image, parts, containers: users.length };
  });
  const owners = new Map<DiskPart, number>();
  for (const { parts } of measured) for (const part of parts) owners.set(part, (owners.get(part) ?? 0) + 1);
  const active = measured.filter(({ containers }) => containers > 0);
  const inUse = new Set(active.flatMap(({ parts }) => [...parts]));
  const items = measured.map(async ({ image, parts, containers }): Promise<ImageUsage> => {
    const shared = [...parts].filter((part) => owners.get(part)! > 1);
    const [Size, SharedSize] = await Promise.all([disk.sizeOf(parts), disk.sizeOf(shared)]);
    const { Id, RepoTags, RepoDigests, Created } = image;
    return { Id, RepoTags, RepoDigests, Created, Size, SharedSize, Containers: containers };
  });
  const [total, kept] = await Promise.all([disk.sizeOf(owners.keys()), disk.sizeOf(inUse)]);
  return { items: await Promise.all(items), active: active.length, total, reclaimable: total - kept };
}

async function containerUsage(engine: Engine): Promise<Usage<ContainerSummary & { SizeRw: number }>> {
  const now = Date.now();
  const items = await Promise.all(
    (await listContainers(engine)).map(async (listed) => ({
      ...summarize(engine, listed, now),
      SizeRw: await writtenBy(engine, listed),
    })),
  );
  const isActive = ({ State }: ContainerSummary): boolean => ['running', 'paused', 'restarting'].includes(State);
  return summed(items, ({ SizeRw }) => SizeRw, isActive);
}

async function writtenBy(engine: Engine, { container }: ListedContainer): Promise<number> {
  const { snapshotter, snapshotKey } = container;
  if (snapshotKey === '') return 0;
  return (await orUndefined(engine.containerd.snapshots(snapshotter).usage(snapshotKey)))?.size ?? 0;
}

async function volumeUsage(engine: Engine): Promise<Usage<VolumeUsage>> {
  const volumes = listVolumes(engine);
  if (volumes.length === 0) return { items: [], active: 0, total: 0, reclaimable: 0 };
  const [users, sizes] = await Promise.all([
    volumeUsers(engine),
    Promise.all(volumes.map(({ Mountpoint }) => volumeSize(Mountpoint))),
  ]);
  const items = volumes.map((volume, i) => ({
    ...volume,
    Size: sizes[i]!,
    Links: users.get(volume.Name)?.length ?? 0,
  }));
  return summed(
    items,
    ({ Size }) => Size,
    ({ Links }) => Links > 0,
  );
}

function summed<T>(items: T[], size: (item: T) => number, isActive: (item: T) => boolean): Usage<T> {
  const sum = (some: readonly T[]): number => some.reduce((total, item) => total + size(item), 0);
  const active = items.filter(isActive);
  const total = sum(items);
  return { items, active: active.length, total, reclaimable: total - sum(active) };
}
