import { existsSync } from 'node:fs';
import { awaitPlugins } from '../../cni/stray.ts';
import { removeHalfWritten } from '../../host/files.ts';
import type { Container } from '../../runtime/containers.ts';
import { endMonitor } from '../../runtime/io/container-stdio.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import { type Engine, gently } from '../engine.ts';
import { cniId } from '../network/context.ts';
import { detachNetworks } from '../network/detach.ts';
import { portReservations } from '../network/ports.ts';
import { abandonedOperation, endOperation, type Operation } from '../operations.ts';
import { stateDirOf, withContainerLock } from './container-dir.ts';
import { writeExitState } from './exit.ts';
import { label } from './labels.ts';
import { namePlaces } from './names.ts';
import { purgeLocked } from './purge.ts';
import { specOf } from './spec-record.ts';
import { endStrayShim } from './stray-shim.ts';
import { abandonTask, findTask, isRunning, orUndefined } from './task.ts';

/** Undoes a create, finishes a removal, brings a container back to rest whose start or end was cut off. */
export async function healOperation(stoppable: Engine, operation: Operation): Promise<void> {
  const { id, name, kind } = operation;
  const container = await orUndefined(stoppable.containerd.containers.get(id));
  const engine = gently(stoppable);
  for (const dir of [...namePlaces(engine), portReservations]) if (existsSync(dir)) removeHalfWritten(dir);
  // What the killed process has started may still be at work.
  await awaitPlugins(cniId(engine, id));
  const labels = { ...container?.labels, [label.anonymousVolumes]: JSON.stringify(operation.anonymousVolumes ?? []) };
  const purge = () => purgeLocked(engine, { ...container, id, name, labels }, { volumes: true });
  const heal = async () => {
    // Another command may have been faster.
    if (!abandonedOperation(engine, id)) return;
    if (container && kind === 'pause') return thaw(engine, id);
    const settles = container && (kind === 'start' || kind === 'exit');
    // Once the task runs, the start is done: the monitor sees to the rest.
    if (settles && isRunning(await findTask(engine, id))) return endOperation(engine, id);
    await abandonTask(engine, id);
    const cgroup = container && specOf(container).linux?.cgroupsPath;
    await Promise.all([endStrayShim(engine, id, cgroup), endMonitor(stateDirOf(engine, { id, labels }))]);
    await (settles ? settle(engine, container, operation) : purge());
  };
  await withContainerLock(engine, { id, labels }, heal, heal);
}

/** What was frozen to be read goes on. */
async function thaw(engine: Engine, id: string): Promise<void> {
  const task = await findTask(engine, id);
  if (task?.status === TaskStatus.PAUSED) await engine.containerd.tasks.resume(id);
  await endOperation(engine, id);
}

async function settle(engine: Engine, container: Container, { id, ended }: Operation): Promise<void> {
  await Promise.all([detachNetworks(engine, container), ended && writeExitState(engine, container, ended)]);
  await endOperation(engine, id);
}
