import { Code, isRpcError } from '../../grpc/status.ts';
import type { Process } from '../../runtime/tasks.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';

/** The init process of a container, or undefined where there is no task. */
export async function findTask(engine: Engine, id: string): Promise<Process | undefined> {
  return orUndefined(engine.containerd.tasks.get(id));
}

export function isAlive(task: Process | undefined): task is Process {
  return task !== undefined && task.status !== TaskStatus.STOPPED;
}

/** The result, or undefined where containerd says that the thing does not exist. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return undefined;
    throw error;
  }
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export async function killTask(engine: Engine, id: string, signal: number): Promise<void> {
  try {
    await engine.containerd.tasks.kill(id, signal);
  } catch (error) {
    const ended =
      isRpcError(error, Code.NOT_FOUND) ||
      (isRpcError(error, Code.FAILED_PRECONDITION) && /finished|not running|not found/.test(error.details));
    if (!ended) throw error;
  }
}

/** Whether the container's process has been started and has not ended. */
export function isRunning(task: Process | undefined): task is Process {
  return isAlive(task) && task.status !== TaskStatus.CREATED;
}

/** Kills what runs and deletes the task. */
export async function abandonTask(engine: Engine, id: string): Promise<void> {
  const task = await findTask(engine, id);
  if (!task) return;
  if (isRunning(task)) {
    const exited = engine.containerd.tasks.wait(id);
    exited.catch(() => {});
    await killTask(engine, id, 9);
    if (task.status !== TaskStatus.RUNNING) await engine.containerd.tasks.resume(id).catch(() => {});
    await orUndefined(exited);
  }
  // a task that was created and not started is killed by its deletion
  await orUndefined(engine.containerd.tasks.delete(id));
}
