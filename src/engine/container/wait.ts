import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { findContainer } from './find.ts';
import { containerState, readLifecycle } from './state.ts';
import { findTask, isAlive } from './task.ts';

/** The exit code of the run under way, or of the last one; 0 where there was none. */
export async function waitContainer(engine: Engine, ref: string): Promise<number> {
  const container = await findContainer(engine, ref);
  const task = await findTask(engine, container.id);
  if (isAlive(task)) return (await engine.containerd.tasks.wait(container.id)).exitStatus;
  return containerState(container.labels, task, () => readLifecycle(stateDirOf(engine, container))).ExitCode;
}
