import { removeTree } from '../../host/files.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { beginOperation, endOperation } from '../operations.ts';
import { removeVolumes } from '../volume/remove.ts';
import { netnsPath, stateDirOf } from './container-dir.ts';
import { jsonLabel, label } from './labels.ts';
import { releaseName } from './names.ts';
import { findTask, killTask, orUndefined } from './task.ts';

/** What must be known of a container to remove all traces of it, its record being there or not. */
export interface ContainerTraces {
  id: string;
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
  const { id } = traces;
  const { containerd } = engine;
  await beginOperation(engine, { id, kind: 'remove', name: traces.name });
  await Promise.all([endTask(engine, id), detachNetworks(engine, traces)]);
  await Promise.all([
    orUndefined(containerd.containers.delete(id)),
    orUndefined(
      containerd.snapshots(traces.snapshotter || engine.settings.snapshotter).remove(traces.snapshotKey || id),
    ),
    engine.host.removeNetns(netnsPath(id)),
    traces.name ? releaseName(engine, traces.name, id) : undefined,
  ]);
  const anonymous = options.volumes ? jsonLabel<string[]>(traces.labels, label.anonymousVolumes) : undefined;
  if (anonymous?.length) await removeVolumes(engine, anonymous, { force: true });
  await removeTree(stateDirOf(engine, traces));
  await endOperation(engine, id);
}

/** Kills what runs and deletes the task. */
async function endTask(engine: Engine, id: string): Promise<void> {
  const task = await findTask(engine, id);
  if (!task) return;
  if (task.status === TaskStatus.RUNNING || task.status === TaskStatus.PAUSED || task.status === TaskStatus.PAUSING) {
    const exited = engine.containerd.tasks.wait(id);
    exited.catch(() => {});
    await killTask(engine, id, 9);
    if (task.status !== TaskStatus.RUNNING) await orUndefined(engine.containerd.tasks.resume(id)).catch(() => {});
    await orUndefined(exited);
  }
  // a created task is killed by its deletion
  await orUndefined(engine.containerd.tasks.delete(id));
}
