import type { Engine } from '../engine.ts';
import { isManaged, stateDirOf, withContainerLock } from './container-dir.ts';
import { findContainer } from './find.ts';
import { containerState, readLifecycle } from './state.ts';
import { findTask, isAlive, orUndefined } from './task.ts';

/** The exit code of the run under way, or of the last one; 0 where there was none. */
export async function waitContainer(engine: Engine, ref: string): Promise<number> {
  const container = await findContainer(engine, ref);
  const { id } = container;
  const lastExitCode = async () => {
    const [{ labels }, task] = await Promise.all([engine.containerd.containers.get(id), findTask(engine, id)]);
    if (isAlive(task)) return undefined;
    return containerState(labels, task, () => readLifecycle(stateDirOf(engine, container))).ExitCode;
  };
  for (;;) {
    const exited = isAlive(await findTask(engine, id)) && (await orUndefined(engine.containerd.tasks.wait(id)));
    if (exited) return exited.exitStatus;
    // Whoever puts a run away deletes the task before its end is in the label, and holds the lock meanwhile.
    const code = await (isManaged(container) ? withContainerLock(engine, container, lastExitCode) : lastExitCode());
    if (code !== undefined) return code;
  }
}
