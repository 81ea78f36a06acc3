import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { isManaged, stateDirOf, withContainerLock } from './container-dir.ts';
import { writeExitState } from './exit.ts';
import { jsonLabel, label } from './labels.ts';
import { purgeLocked } from './purge.ts';
import { type ExitState, lostExitCode, readLifecycle } from './state.ts';
import { findTask } from './task.ts';

/**
 * Puts away a run whose task is gone although nobody has: the machine went down, or the shim was killed. Like the end
 * of any run it gives the network back, and takes a container made with --rm along.
 */
export async function putAwayLostRun(engine: Engine, container: Container): Promise<void> {
  const stateDir = stateDirOf(engine, container);
  const isLost = () => {
    const { started_at } = readLifecycle(stateDir);
    return started_at !== undefined && jsonLabel<ExitState>(container.labels, label.state)?.StartedAt !== started_at;
  };
  if (!isManaged(container) || !isLost()) return;
  const putAway = async () => {
    if (!isLost() || (await findTask(engine, container.id))) return;
    if (container.labels[label.autoRemove] === 'true') return purgeLocked(engine, container, { volumes: true });
    const { started_at = '', restart_count = 0 } = readLifecycle(stateDir);
    await detachNetworks(engine, container);
    await writeExitState(engine, container, {
      StartedAt: started_at,
      FinishedAt: new Date().toISOString(),
      ExitCode: lostExitCode,
      OOMKilled: false,
      RestartCount: restart_count,
      Error: '',
    });
  };
  await withContainerLock(engine, container, putAway, async () => {});
}
