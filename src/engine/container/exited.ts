import type { Container } from '../../runtime/containers.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { finishRun } from './exit.ts';
import { label } from './labels.ts';
import { mayRestart, nextRestartDelay, restartPolicyOf } from './restart-policy.ts';
import { startContainer } from './start.ts';
import { readLifecycle } from './state.ts';
import { findTask, orUndefined } from './task.ts';

/**
 * What the monitor asks for when a container has ended and nobody else sees to it: removal, restart, or just the end
 * of the run. The back-off is over by then: the monitor has waited it out.
 */
export async function handleExit(engine: Engine, id: string): Promise<void> {
  const container = await orUndefined(engine.containerd.containers.get(id));
  if (!container) return;
  const task = await findTask(engine, id);
  if (task?.status !== TaskStatus.STOPPED) return;
  if (!shouldRestart(engine, container, task.exitStatus)) {
    await finishRun(engine, container);
    return;
  }
  const { restart_count = 0, restart_delay = 0, started_at = '' } = readLifecycle(stateDirOf(engine, container));
  const ranFor = (task.exitedAt?.getTime() ?? 0) - Date.parse(started_at);
  await finishRun(engine, container, { keepNetwork: true });
  await startContainer(engine, container, {
    restart: { count: restart_count + 1, delay: nextRestartDelay(restart_delay, ranFor) },
  });
}

function shouldRestart(engine: Engine, container: Container, exitCode: number): boolean {
  if (container.labels[label.explicitlyStopped] === 'true') return false;
  const { restart_count = 0 } = readLifecycle(stateDirOf(engine, container));
  return mayRestart(restartPolicyOf(container.labels), { exitCode, restartCount: restart_count });
}
