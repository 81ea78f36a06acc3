import { join } from 'node:path';
import { ensureDir } from '../../host/files.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { label } from './labels.ts';

/** The state directory of a container: where its label says, else where both programs put it. */
export function stateDirOf(engine: Engine, container: Pick<Container, 'id' | 'labels'>): string {
  return container.labels[label.stateDir] || join(engine.store.containers, container.id);
}

/** The name without docker's leading slash; a container that no docker-like tool made goes by its ID. */
export function nameOf(container: Pick<Container, 'id' | 'labels'>): string {
  return container.labels[label.name] || container.id;
}

/** The mount point of the network namespace that is made for a container before its task. */
export function netnsPath(id: string): string {
  return `/run/netns/nerdctl-${id}`;
}

/** Runs `body` while no other start, exit or removal of the container is under way. */
export async function withContainerLock<T>(engine: Engine, stateDir: string, body: () => Promise<T>): Promise<T> {
  const path = join(stateDir, 'oplock');
  await ensureDir(path, 0o700);
  const lock = await engine.host.lock(path);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}
