import { DockerError } from '../../docker/errors.ts';
import { type Filters, matchLabels, matchText } from '../../docker/flags/filters.ts';
import type { Engine } from '../engine.ts';
import { volumeUsers } from './in-use.ts';
import { listVolumes, type Volume } from './store.ts';

/** `volume ls --filter`: dangling, driver, label, name. Only `dangling` has to ask containerd. */
export async function filterVolumes(engine: Engine, filters: Filters): Promise<Volume[]> {
  for (const key of filters.keys()) {
    if (!['dangling', 'driver', 'label', 'name'].includes(key)) {
      throw new DockerError('invalid', `invalid filter '${key}'`);
    }
  }
  const dangling = danglingFilter(filters.get('dangling'));
  const volumes = listVolumes(engine).filter(
    (volume) =>
      matchLabels(filters.get('label'), volume.Labels ?? {}) &&
      (filters.get('driver') ?? ['local']).includes(volume.Driver) &&
      matchText(filters.get('name'), volume.Name),
  );
  if (dangling === undefined || volumes.length === 0) return volumes;
  const users = await volumeUsers(engine);
  return volumes.filter((volume) => users.has(volume.Name) !== dangling);
}

function danglingFilter(values: string[] | undefined): boolean | undefined {
  if (values === undefined) return undefined;
  const [first] = values;
  if (first === 'true' || first === '1') return true;
  if (first === 'false' || first === '0') return false;
  throw new DockerError('invalid', `invalid filter 'dangling=[${values.join(' ')}]'`);
}
