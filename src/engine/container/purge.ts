import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../host/files.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { removeHosts } from '../network/hosts.ts';
import { beginOperation, endOperation } from '../operations.ts';
import { removeVolumes } from '../volume/remove.ts';
import { stateDirOf, withContainerLock } from './container-dir.ts';
import { jsonLabel, label } from './labels.ts';
import { releaseName } from './names.ts';
import { rootfsDir } from './rootfs.ts';
import { abandonTask, orUndefined } from './task.ts';

/** What must be known of a container to remove all traces of it, its record being there or not. */
export interface ContainerTraces {
  id: string;
  /** Unless the labels tell. */
  name?: string;
  labels: Record<string, string>;
  snapshotter?: string;
  snapshotKey?: string;
}

/**
 * Removes a container with everything that was made for it, in an order that can be cut anywhere and begun again:
 * the journal entry goes last. Whatever is missing already is no error.
 */
export async function purgeContainer(
  engine: Engine,
  traces: ContainerTraces,
  options: { volumes: boolean },
): Promise<void> {
  const purge = () => purgeLocked(engine, traces, options);
  await withContainerLock(engine, traces, purge, purge);
}

/** The same, for a holder of the container's lock. */
export async function purgeLocked(
  engine: Engine,
  traces: ContainerTraces,
  options: { volumes: boolean },
): Promise<void> {
  const { id } = traces;
  const name = traces.name ?? traces.labels[label.name];
  const { containerd } = engine;
  const anonymousVolumes = options.volumes ? jsonLabel<string[]>(traces.labels, label.anonymousVolumes) : undefined;
  await beginOperation(engine, { id, kind: 'remove', name, anonymousVolumes });
  await Promise.all([abandonTask(engine, id), detachNetworks(engine, traces)]);
  const stateDir = stateDirOf(engine, traces);
  for (const point of [rootfsDir(stateDir), join(stateDir, 'shm')]) {
    if (existsSync(point)) await engine.host.unmount(point);
  }
  await Promise.all([
    orUndefined(containerd.containers.delete(id)),
    orUndefined(
      containerd.snapshots(traces.snapshotter || engine.settings.snapshotter).remove(traces.snapshotKey || id),
    ),
    removeHosts(engine, id),
    name ? releaseName(engine, name, id) : undefined,
  ]);
  if (anonymousVolumes?.length) await removeVolumes(engine, anonymousVolumes, { force: true });
  await removeTree(stateDir);
  await endOperation(engine, id);
}
