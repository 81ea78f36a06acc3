import { DockerError } from '../../docker/errors.ts';
import { booleanFilter, type Filters, matchLabels } from '../../docker/flags/filters.ts';
import type { Engine } from '../engine.ts';
import { volumeUsers } from './in-use.ts';
import { deleteVolume } from './remove.ts';
import { volumeSize } from './size.ts';
import { anonymousLabel, listVolumes, lockVolumes, type Volume } from './store.ts';

/**
 * Removes the volumes that no container uses: the anonymous ones, or with the filter `all=1` every one.
 * @returns the names and the bytes that were freed
 */
export async function pruneVolumes(
  engine: Engine,
  filters: Filters,
): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const wanted = pruneFilter(filters);
  const lock = await lockVolumes(engine, 'exclusive');
  try {
    const users = await volumeUsers(engine);
    const unused = listVolumes(engine).filter((volume) => !users.has(volume.Name) && wanted(volume));
    const deleted = await Promise.all(
      unused.map(async ({ Name, Mountpoint }) => {
        const size = await volumeSize(Mountpoint);
        // One that cannot be removed must not keep the rest.
        return deleteVolume(engine, Name).then(
          () => ({ Name, size }),
          () => undefined,
        );
      }),
    );
    const done = deleted.filter((entry) => entry !== undefined);
    return {
      VolumesDeleted: done.map((entry) => entry.Name),
      SpaceReclaimed: done.reduce((sum, entry) => sum + entry.size, 0),
    };
  } finally {
    await lock.release();
  }
}

function pruneFilter(filters: Filters): (volume: Volume) => boolean {
  for (const key of filters.keys()) {
    if (!['all', 'label', 'label!'].includes(key)) throw new DockerError('invalid', `invalid filter '${key}'`);
  }
  const all = booleanFilter(filters, 'all', false);
  const without = filters.get('label!');
  return (volume) => {
    const labels = volume.Labels ?? {};
    if (!all && labels[anonymousLabel] === undefined) return false;
    if (without && matchLabels(without, labels)) return false;
    return matchLabels(filters.get('label'), labels);
  };
}
