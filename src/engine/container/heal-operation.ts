import { awaitPlugins } from '../../cni/stray.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { cniId } from '../network/context.ts';
import { detachNetworks } from '../network/detach.ts';
import { abandonedOperation, endOperation, type Operation } from '../operations.ts';
import { withContainerLock } from './container-dir.ts';
import { writeExitState } from './exit.ts';
import { label } from './labels.ts';
import { purgeLocked } from './purge.ts';
import { endStrayShim } from './stray-shim.ts';
import { abandonTask, findTask, isRunning, orUndefined } from './task.ts';

/** Undoes a create, finishes a removal, brings a container back to rest whose start or end was cut off. */
export async function healOperation(engine: Engine, operation: Operation): Promise<void> {
  const { id, name, kind } = operation;
  const container = await orUndefined(engine.containerd.containers.get(id));
  // What the killed process has started may still be at work.
  await awaitPlugins(cniId(engine, id));
  const labels = { ...container?.labels, [label.anonymousVolumes]: JSON.stringify(operation.anonymousVolumes ?? []) };
  const purge = () => purgeLocked(engine, { ...container, id, name, labels }, { volumes: true });
  const settles = container && (kind === 'start' || kind === 'exit');
  const heal = async () => {
    // Another command may have been faster.
    if (!abandonedOperation(engine, id)) return;
    await (settles ? settle(engine, container, operation) : purge());
    await endStrayShim(engine, id);
  };
  await withContainerLock(engine, container ?? { id, labels }, heal, heal);
}

async function settle(engine: Engine, container: Container, { id, ended }: Operation): Promise<void> {
  // once the task runs, the start is done: the monitor sees to the rest
  if (!isRunning(await findTask(engine, id))) {
    await Promise.all([
      abandonTask(engine, id),
      detachNetworks(engine, container),
      ended && writeExitState(engine, container, ended),
    ]);
  }
  await endOperation(engine, id);
}
