import { DockerError } from '../../docker/errors.ts';
import { type Process, TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { nameOf, withContainerLock } from './container-dir.ts';
import { findContainer } from './find.ts';
import { ownExit } from './own-exit.ts';
import { purgeLocked } from './purge.ts';
import { findTask, isRunning } from './task.ts';

/** Removes a container; `force` kills it first. Docker's sentences where it runs or is paused. */
export async function removeContainer(
  engine: Engine,
  ref: string,
  options: { force: boolean; volumes: boolean },
): Promise<void> {
  const container = await findContainer(engine, ref);
  await withContainerLock(engine, container, async () => {
    const task = await findTask(engine, container.id);
    const purge = () => purgeLocked(engine, container, options);
    if (!isRunning(task)) return purge();
    if (!options.force)
      throw new DockerError('conflict', `cannot remove container "/${nameOf(container)}": ${why(task)}`);
    await ownExit(engine, container, purge);
  });
}

function why({ status }: Process): string {
  return status === TaskStatus.PAUSED
    ? 'container is paused and must be unpaused first'
    : 'container is running: stop the container before removing or force remove';
}
