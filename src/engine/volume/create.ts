import type { Engine } from '../engine.ts';
import { anonymousVolumeName } from './names.ts';
import { anonymousLabel, ensureVolume, lockVolumes, type Volume, type VolumeInit } from './store.ts';

/** `volume create`: without a name it makes an anonymous one. A volume of that name is found as it is. */
export async function createVolume(
  engine: Engine,
  init: Omit<VolumeInit, 'name'> & { name?: string },
): Promise<Volume> {
  const lock = await lockVolumes(engine, 'exclusive');
  try {
    const named = init.name ? { ...init, name: init.name } : anonymous(init);
    return (await ensureVolume(engine, named)).volume;
  } finally {
    await lock.release();
  }
}

/** The name and the mark of a volume that the user did not name. */
export function anonymous(init: Omit<VolumeInit, 'name'> = {}): VolumeInit {
  return { ...init, name: anonymousVolumeName(), labels: { ...init.labels, [anonymousLabel]: '' } };
}
