import type { PortBinding } from '../../docker/flags/ports.ts';
import type { Engine } from '../engine.ts';
import { detachNetworks } from '../network/detach.ts';
import { liveOperation } from '../operations.ts';
import { withContainerLock } from './container-dir.ts';
import { finishRun } from './exit.ts';
import { listContainers } from './list.ts';
import { publishedPorts } from './ports.ts';
import { findTask } from './task.ts';

/**
 * Sees to it that containers which have ended have given their ports back: waits for the one that is at it, and does it
 * where a killed monitor never will.
 */
export async function releaseDeadPorts(
  engine: Engine,
  wanted: Record<string, PortBinding[] | undefined>,
): Promise<void> {
  const numbers = new Set(Object.values(wanted).flatMap((list) => (list ?? []).map(({ HostPort }) => HostPort)));
  const dead = (await listContainers(engine)).filter(
    ({ container, state }) =>
      !state.Running &&
      !isBeingStarted(engine, container.id) &&
      publishedPorts(engine, container).some(({ HostPort }) => numbers.has(String(HostPort))),
  );
  await Promise.all(
    dead.map(async ({ container }) => {
      if (await finishRun(engine, container)) return;
      const release = async () => {
        if (isBeingStarted(engine, container.id) || (await findTask(engine, container.id))) return;
        await detachNetworks(engine, container);
      };
      await withContainerLock(engine, container, release, async () => {});
    }),
  );
}

/** It has no task yet either, but has its ports by right. */
function isBeingStarted(engine: Engine, id: string): boolean {
  const kind = liveOperation(engine, id)?.kind;
  return kind === 'create' || kind === 'start';
}
