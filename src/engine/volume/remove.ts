import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { removeTree } from '../../host/files.ts';
import { readMountInfo } from '../../host/mountinfo.ts';
import type { Engine } from '../engine.ts';
import { volumeUsers } from './in-use.ts';
import { lockVolumes, readVolume } from './store.ts';

export interface Removal {
  name: string;
  /** Why it is still there. */
  error?: unknown;
}

/**
 * Removes volumes that no container uses, each for itself: one that cannot be removed does not keep the others.
 * @param options.force a missing volume is no error
 */
export async function removeVolumes(engine: Engine, names: string[], options: { force: boolean }): Promise<Removal[]> {
  if (names.length === 0) return [];
  const lock = await lockVolumes(engine, 'exclusive');
  try {
    const users = await volumeUsers(engine);
    return await Promise.all(
      names.map(async (name) => {
        try {
          await removeOne(engine, name, users.get(name), options.force);
          return { name };
        } catch (error) {
          return { name, error };
        }
      }),
    );
  } finally {
    await lock.release();
  }
}

async function removeOne(engine: Engine, name: string, users: string[] | undefined, force: boolean): Promise<void> {
  if (!readVolume(engine, name)) {
    if (force) return;
    throw new DockerError('not-found', `get ${name}: no such volume`);
  }
  if (users) throw new DockerError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`);
  await deleteVolume(engine, name);
}

/** The caller holds the exclusive lock and knows that nobody uses the volume. */
export async function deleteVolume(engine: Engine, name: string): Promise<void> {
  const dir = join(engine.store.volumes, name);
  // What somebody has mounted there is not ours to delete.
  const mounted = readMountInfo().find(({ mountPoint }) => mountPoint === dir || mountPoint.startsWith(`${dir}/`));
  if (mounted) {
    throw new DockerError(
      'conflict',
      `remove ${name}: something is mounted on ${mounted.mountPoint}: unmount it first`,
    );
  }
  await removeTree(dir);
}
