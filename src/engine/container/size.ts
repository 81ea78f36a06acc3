import type { ContainerSummary } from '../../docker/views/container-list.ts';
import type { Engine } from '../engine.ts';
import type { ListedContainer } from './list.ts';
import { orUndefined } from './task.ts';

/** Fills SizeRw, what a container has written, and SizeRootFs, that and its image's layers. Bytes. */
export async function addSizes(
  engine: Engine,
  containers: readonly { container: ListedContainer['container'] }[],
  rows: readonly Pick<ContainerSummary, 'SizeRw' | 'SizeRootFs'>[],
): Promise<void> {
  const infos = new Map<string, Map<string, string>>();
  for (const name of new Set(containers.map(({ container }) => container.snapshotter))) {
    const list = await engine.containerd.snapshots(name).list();
    infos.set(name, new Map(list.map((info) => [info.name, info.parent])));
  }
  const cache = new Map<string, Promise<number>>();
  const usage = (snapshotter: string, key: string): Promise<number> => {
    const id = `${snapshotter} ${key}`;
    const known =
      cache.get(id) ?? orUndefined(engine.containerd.snapshots(snapshotter).usage(key)).then((u) => u?.size ?? 0);
    cache.set(id, known);
    return known;
  };
  await Promise.all(
    containers.map(async ({ container }, i) => {
      const { snapshotter, snapshotKey } = container;
      const parents = infos.get(snapshotter) ?? new Map<string, string>();
      const row = rows[i]!;
      row.SizeRw = await usage(snapshotter, snapshotKey);
      let total = row.SizeRw;
      for (let key = parents.get(snapshotKey); key; key = parents.get(key)) total += await usage(snapshotter, key);
      row.SizeRootFs = total;
    }),
  );
}
