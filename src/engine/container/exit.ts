import type { Container } from '../../runtime/containers.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { nameOf, stateDirOf, withContainerLock } from './container-dir.ts';
import { label } from './labels.ts';
import { wasOomKilled } from './oom.ts';
import { purgeContainer } from './purge.ts';
import { specOf } from './spec-record.ts';
import { type ExitState, readLifecycle } from './state.ts';
import { findTask, orUndefined } from './task.ts';

/**
 * Ends a run whose init process has exited: deletes the task, gives the network back, and keeps how it ended in the
 * container's label, or removes the container where it was made with --rm. Whoever comes second finds nothing to do.
 * Returns undefined where there was no stopped task.
 */
export async function finishRun(
  engine: Engine,
  container: Container,
  options: { keepNetwork?: boolean; keepContainer?: boolean } = {},
): Promise<ExitState | undefined> {
  const stateDir = stateDirOf(engine, container);
  const autoRemove = container.labels[label.autoRemove] === 'true' && !options.keepContainer;
  const ended = await withContainerLock(engine, stateDir, () =>
    endRun(engine, container, stateDir, options, autoRemove),
  );
  if (ended && autoRemove) await purgeContainer(engine, container, { volumes: true });
  return ended;
}

/** The same, for a caller that holds the container's lock and removes the container itself. */
export async function endRun(
  engine: Engine,
  container: Container,
  stateDir: string,
  options: { keepNetwork?: boolean },
  autoRemove: boolean,
): Promise<ExitState | undefined> {
  const task = await findTask(engine, container.id);
  if (task?.status !== TaskStatus.STOPPED) return undefined;
  const oomKilled = wasOomKilled(specOf(container).linux?.cgroupsPath);
  const { started_at, restart_count } = readLifecycle(stateDir);
  const [deleted] = await Promise.all([
    orUndefined(engine.containerd.tasks.delete(container.id)),
    options.keepNetwork ? undefined : detachNetworks(engine, container),
  ]);
  const ended: ExitState = {
    StartedAt: started_at ?? '',
    FinishedAt: (deleted?.exitedAt ?? task.exitedAt ?? new Date()).toISOString(),
    ExitCode: deleted?.exitStatus ?? task.exitStatus,
    OOMKilled: oomKilled,
    RestartCount: restart_count ?? 0,
    Error: '',
  };
  if (!autoRemove) await writeExitState(engine, container, ended);
  return ended;
}

export async function writeExitState(engine: Engine, container: Container, ended: ExitState): Promise<void> {
  container.labels[label.state] = JSON.stringify(ended);
  await orUndefined(
    engine.containerd.containers.update(
      { id: container.id, labels: { [label.state]: container.labels[label.state]! } },
      [`labels.${label.state}`],
    ),
  );
}
