import { DockerError } from '../../docker/errors.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { nameOf } from './container-dir.ts';
import { findContainer } from './find.ts';
import { ownExit } from './own-exit.ts';
import { purgeContainer } from './purge.ts';
import { findTask, isAlive } from './task.ts';

/** Removes a container; `force` kills it first. Docker's sentences where it runs or is paused. */
export async function removeContainer(
  engine: Engine,
  ref: string,
  options: { force: boolean; volumes: boolean },
): Promise<void> {
  const container = await findContainer(engine, ref);
  const name = nameOf(container);
  const task = await findTask(engine, container.id);
  if (!isAlive(task) || task.status === TaskStatus.CREATED) {
    return purgeContainer(engine, container, options);
  }
  if (!options.force) {
    const paused = task.status === TaskStatus.PAUSED;
    const reason = paused
      ? 'container is paused and must be unpaused first'
      : 'container is running: stop the container before removing or force remove';
    throw new DockerError('conflict', `cannot remove container "/${name}": ${reason}`);
  }
  await ownExit(engine, container, () => purgeContainer(engine, container, options));
}
