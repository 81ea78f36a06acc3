import { setTimeout } from 'node:timers/promises';
import type { Container } from '../../runtime/containers.ts';
import type { Process } from '../../runtime/tasks.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { failedDetach, healNetworks } from '../network/heal.ts';
import { refreshHosts, removeHosts } from '../network/hosts.ts';
import { stateDirOf, withContainerLock } from './container-dir.ts';
import { finishRun } from './exit.ts';
import { label } from './labels.ts';
import { putAwayLostRun } from './lost-run.ts';
import { releaseNamesOf } from './names.ts';
import { mayRestart, nextRestartDelay, restartPolicyOf } from './restart-policy.ts';
import { startContainer } from './start.ts';
import { lostExitCode, readLifecycle } from './state.ts';
import { findTask, orUndefined } from './task.ts';

/**
 * What the monitor asks for when a container has ended and nobody else sees to it: removal, restart, or just the end
 * of the run. The back-off is over by then: the monitor has waited it out.
 * @param options.taskDeleted the task is being deleted by somebody who made no promise to see to the rest
 */
export async function handleExit(engine: Engine, id: string, { taskDeleted = false } = {}): Promise<void> {
  const find = () => orUndefined(engine.containerd.containers.get(id));
  const container = await find();
  if (!container) return removeTraces(engine, id);
  try {
    const task = await findTask(engine, id);
    if (!task) await releaseTaskless(engine, container, taskDeleted);
    else if (task.status === TaskStatus.STOPPED) await endOrRestart(engine, container, task, taskDeleted);
  } catch (error) {
    // Another program may have removed it at any moment.
    if (await find()) throw error;
    await removeTraces(engine, id);
  }
}

async function endOrRestart(engine: Engine, container: Container, task: Process, mustEnd: boolean): Promise<void> {
  if (mustEnd || !shouldRestart(engine, container, task.exitStatus)) {
    const ended = await finishRun(engine, container);
    if (!ended && !(await orUndefined(engine.containerd.containers.get(container.id)))) {
      await removeTraces(engine, container.id);
    }
    return;
  }
  await finishRun(engine, container, { keepNetwork: true });
  await restart(engine, container, task.exitedAt ?? new Date());
}

async function restart(engine: Engine, container: Container, exitedAt: Date): Promise<void> {
  const { restart_count = 0, restart_delay = 0, started_at = '' } = readLifecycle(stateDirOf(engine, container));
  const ranFor = exitedAt.getTime() - Date.parse(started_at);
  await startContainer(engine, container, {
    restart: { count: restart_count + 1, delay: nextRestartDelay(restart_delay, ranFor) },
  });
}

/** Another program has removed the container, with all that it knows of. */
async function removeTraces(engine: Engine, id: string): Promise<void> {
  await detachNetworks(engine, { id, labels: {} });
  await Promise.all([removeHosts(engine, id), releaseNamesOf(engine, id)]);
  await refreshHosts(engine);
  // It detaches too, without a lock, and then one of both fails.
  const failed = failedDetach(engine, id);
  if (!failed) return;
  await setTimeout(Math.max(0, failed.nextAttempt - Date.now()));
  await healNetworks(engine);
}

/** Another program has deleted the task, and with it how the run ended, or the shim has been killed. */
async function releaseTaskless(engine: Engine, container: Container, mustEnd: boolean): Promise<void> {
  await putAwayLostRun(engine, container);
  const release = async () => {
    if (!(await findTask(engine, container.id))) await detachNetworks(engine, container);
  };
  await withContainerLock(engine, container, release);
  if (mustEnd) return;
  const exists = await orUndefined(engine.containerd.containers.get(container.id));
  if (exists && shouldRestart(engine, exists, lostExitCode)) await restart(engine, exists, new Date());
}

function shouldRestart(engine: Engine, container: Container, exitCode: number): boolean {
  if (container.labels[label.explicitlyStopped] === 'true') return false;
  const { restart_count = 0 } = readLifecycle(stateDirOf(engine, container));
  return mayRestart(restartPolicyOf(container.labels), { exitCode, restartCount: restart_count });
}
