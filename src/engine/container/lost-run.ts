import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { abandonedOperation } from '../operations.ts';
import { isManaged, stateDirOf, withContainerLock } from './container-dir.ts';
import { writeExitState } from './exit.ts';
import { jsonLabel, label } from './labels.ts';
import { purgeLocked } from './purge.ts';
import { type ExitState, lostExitCode, readLifecycle } from './state.ts';
import { findTask, orUndefined } from './task.ts';

/**
 * Puts away a run whose task is gone although nobody has: the machine went down, or the shim was killed. Like the end
 * of any run it gives the network back, and takes a container made with --rm along.
 */
export async function putAwayLostRun(engine: Engine, container: Container): Promise<void> {
  const stateDir = stateDirOf(engine, container);
  const isLost = ({ labels }: Container) => {
    const { started_at } = readLifecycle(stateDir);
    return started_at !== undefined && jsonLabel<ExitState>(labels, label.state)?.StartedAt !== started_at;
  };
  if (!isManaged(container) || !isLost(container)) return;
  const putAway = async () => {
    const [now, task] = await Promise.all([
      orUndefined(engine.containerd.containers.get(container.id)),
      findTask(engine, container.id),
    ]);
    // Somebody else may have done it while we waited for the lock.
    if (!now || task || !isLost(now)) return;
    if (now.labels[label.autoRemove] === 'true') return purgeLocked(engine, now, { volumes: true });
    const { started_at = '', restart_count = 0 } = readLifecycle(stateDir);
    await detachNetworks(engine, now);
    // Who deleted the task may have been killed before it could write down how the run ended.
    const ended = abandonedOperation(engine, now.id)?.ended ?? {
      StartedAt: started_at,
      FinishedAt: new Date().toISOString(),
      ExitCode: lostExitCode,
      OOMKilled: false,
      RestartCount: restart_count,
      Error: '',
    };
    await writeExitState(engine, now, ended);
    container.labels = now.labels;
  };
  await withContainerLock(engine, container, putAway, async () => {});
}
