import type { PortBinding } from '../../docker/flags/ports.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { operationIsLive } from '../operations.ts';
import { withContainerLock } from './container-dir.ts';
import { finishRun } from './exit.ts';
import { listContainers } from './list.ts';
import { publishedPorts } from './ports.ts';
import { findTask } from './task.ts';

/**
 * Gives back the ports of containers that have ended and whose monitor has been killed, so that nobody has seen to
 * their end. True where there was one that has a wanted port: another try is worth while.
 */
export async function releaseDeadPorts(
  engine: Engine,
  wanted: Record<string, PortBinding[] | undefined>,
): Promise<boolean> {
  const numbers = new Set(Object.values(wanted).flatMap((list) => (list ?? []).map(({ HostPort }) => HostPort)));
  // One that is being started has no task yet either, but has its ports by right.
  const dead = (await listContainers(engine)).filter(
    ({ container, state }) =>
      !state.Running &&
      !operationIsLive(engine, container.id) &&
      publishedPorts(engine, container).some(({ HostPort }) => numbers.has(String(HostPort))),
  );
  await Promise.all(
    dead.map(async ({ container }) => {
      if (await finishRun(engine, container)) return;
      const release = async () => {
        if (operationIsLive(engine, container.id) || (await findTask(engine, container.id))) return;
        await detachNetworks(engine, container);
      };
      await withContainerLock(engine, container, release, async () => {});
    }),
  );
  return dead.length > 0;
}
