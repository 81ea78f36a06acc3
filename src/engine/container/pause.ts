import { DockerError } from '../../docker/errors.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { requireCgroup } from './cgroups.ts';
import { findContainer } from './find.ts';
import { findTask, isAlive } from './task.ts';

export async function pauseContainer(engine: Engine, ref: string): Promise<void> {
  const { id } = await findContainer(engine, ref);
  const task = await findTask(engine, id);
  if (!isAlive(task)) throw new DockerError('conflict', `Container ${id} is not running`);
  if (task.status === TaskStatus.PAUSED) throw new DockerError('conflict', `Container ${id} is already paused`);
  requireCgroup(engine, `Pausing container ${id}`);
  await engine.containerd.tasks.pause(id);
}

export async function unpauseContainer(engine: Engine, ref: string): Promise<void> {
  const { id } = await findContainer(engine, ref);
  const task = await findTask(engine, id);
  if (task?.status !== TaskStatus.PAUSED) throw new DockerError('conflict', `Container ${id} is not paused`);
  await engine.containerd.tasks.resume(id);
}
