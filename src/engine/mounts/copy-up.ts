import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { copyTree } from '../../host/copy-tree.ts';
import { removeTree } from '../../host/files.ts';
import type { Engine } from '../engine.ts';
import { resolveInRoot } from './rooted-path.ts';

/** An empty volume and the place in the image whose content it takes over. */
export interface CopyUp {
  volume: string;
  /** The volume's `_data`. */
  data: string;
  destination: string;
}

/**
 * Copies what the image has at the mount points into the volumes that are still empty.
 * @param rootfs where the container's snapshot is mounted; nothing in it runs yet
 */
export async function copyUpVolumes(engine: Engine, rootfs: string, copyUps: readonly CopyUp[]): Promise<void> {
  for (const copyUp of copyUps) await copyUpVolume(engine, rootfs, copyUp);
}

async function copyUpVolume(engine: Engine, rootfs: string, { volume, data, destination }: CopyUp): Promise<void> {
  const source = resolveInRoot(rootfs, destination);
  if (!source || !statSync(source, { throwIfNoEntry: false })?.isDirectory()) return;
  // Two containers may be made at once with one new volume: the second finds it filled.
  const lock = await engine.host.lock(dirname(data), 'exclusive');
  try {
    if (readdirSync(data).length > 0) return;
    await copyTree(source, data).catch(async (cause: Error) => {
      await Promise.all(readdirSync(data).map((name) => removeTree(join(data, name))));
      throw new DockerError(
        'system',
        `cannot copy the image's ${destination} into volume ${volume}: ${cause.message}`,
        {
          cause,
        },
      );
    });
  } finally {
    await lock.release();
  }
}
