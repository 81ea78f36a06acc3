import type { Container } from '../../runtime/containers.ts';
import { type Process, TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { beginOperation, endOperation } from '../operations.ts';
import { isManaged, nameOf, stateDirOf, withContainerLock } from './container-dir.ts';
import { deleteTask } from './go-hooks.ts';
import { label } from './labels.ts';
import { wasOomKilled } from './oom.ts';
import { purgeLocked } from './purge.ts';
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
  if (!isManaged(container)) return undefined;
  const autoRemove = container.labels[label.autoRemove] === 'true' && !options.keepContainer;
  return withContainerLock<ExitState | undefined>(
    engine,
    container,
    async () => {
      const task = await findTask(engine, container.id);
      if (task?.status !== TaskStatus.STOPPED) return undefined;
      if (!autoRemove) return endRun(engine, container, task, options);
      const ended = exitStateOf(engine, container, task);
      await purgeLocked(engine, container, { volumes: true });
      return ended;
    },
    async () => undefined,
  );
}

/**
 * The end of a run that leaves the container, for a holder of its lock. The journal keeps how it has ended until the
 * label does.
 */
export async function endRun(
  engine: Engine,
  container: Container,
  task: Process,
  options: { keepNetwork?: boolean } = {},
): Promise<ExitState> {
  const { id } = container;
  const ended = exitStateOf(engine, container, task);
  await beginOperation(engine, { id, kind: 'exit', name: nameOf(container), ended });
  await Promise.all([
    deleteTask(engine, container),
    options.keepNetwork ? undefined : detachNetworks(engine, container),
    writeExitState(engine, container, ended),
  ]);
  await endOperation(engine, id);
  return ended;
}

function exitStateOf(engine: Engine, container: Container, task: Process): ExitState {
  const stateDir = stateDirOf(engine, container);
  const { started_at, restart_count } = readLifecycle(stateDir);
  const FinishedAt = (task.exitedAt ?? new Date()).toISOString();
  return {
    // older versions of Go nerdctl do not note it
    StartedAt: started_at ?? FinishedAt,
    FinishedAt,
    ExitCode: task.exitStatus,
    OOMKilled: wasOomKilled(stateDir, specOf(container), {
      exitCode: task.exitStatus,
      stopped: container.labels[label.explicitlyStopped] === 'true',
    }),
    RestartCount: restart_count ?? 0,
    Error: '',
  };
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
