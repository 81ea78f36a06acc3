import type { Engine } from '../engine.ts';
import { withoutSignal } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { healNetworks } from '../network/heal.ts';
import { abandonedOperations, endOperation, type Operation } from '../operations.ts';
import { stateDirOf, withContainerLock } from './container-dir.ts';
import { label } from './labels.ts';
import { purgeContainer } from './purge.ts';
import { abandonTask, findTask, isRunning, orUndefined } from './task.ts';

/**
 * Finishes or undoes what killed processes have left half done. Called before every command that changes containers;
 * one readdir when there is nothing to do.
 */
export async function healAbandoned(engine: Engine): Promise<void> {
  const unstoppable = withoutSignal(engine);
  for (const operation of abandonedOperations(engine)) await heal(unstoppable, operation);
  await healNetworks(unstoppable);
}

async function heal(engine: Engine, operation: Operation): Promise<void> {
  const { id, name, kind } = operation;
  const container = await orUndefined(engine.containerd.containers.get(id));
  if (kind !== 'start' || !container) {
    const labels = {
      ...container?.labels,
      [label.anonymousVolumes]: JSON.stringify(operation.anonymousVolumes ?? []),
    };
    await purgeContainer(engine, { ...container, id, name, labels }, { volumes: true });
    return;
  }
  await withContainerLock(engine, stateDirOf(engine, container), async () => {
    // once the task runs, the start is done: the monitor sees to the rest
    if (isRunning(await findTask(engine, id))) return;
    await Promise.all([abandonTask(engine, id), detachNetworks(engine, container)]);
  });
  await endOperation(engine, id);
}
