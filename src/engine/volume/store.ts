import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { ensureDir, writeFileAtomic } from '../../host/files.ts';
import type { HostLock } from '../../host/helper.ts';
import type { Engine } from '../engine.ts';
import { checkVolumeName } from './names.ts';
import { checkLocalOptions } from './options.ts';

/** A volume of the local driver, in the shape of docker's volume inspect. */
export interface Volume {
  Name: string;
  Driver: 'local';
  /** The directory that containers get: `<data store>/volumes/<namespace>/<name>/_data`. */
  Mountpoint: string;
  Scope: 'local';
  Labels: Record<string, string> | null;
  Options: Record<string, string> | null;
  /** RFC 3339. */
  CreatedAt: string;
}

/** On a volume: it has no name of the user's, and `prune` takes it without `--all`. Shared with Go nerdctl. */
export const anonymousLabel = 'nerdctl/anonymous-volumes';

/**
 * Keeps the volumes of the namespace from being removed (`shared`) or used (`exclusive`) by others.
 * Go nerdctl takes the same lock.
 */
export async function lockVolumes(engine: Engine, mode: 'shared' | 'exclusive'): Promise<HostLock> {
  await ensureDir(engine.store.volumes, 0o700);
  return engine.host.lock(engine.store.volumes, mode);
}

/** @returns undefined when there is none of that name */
export function readVolume(engine: Engine, name: string): Volume | undefined {
  const dir = join(engine.store.volumes, name);
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || name === '' || name.includes('/') || name.startsWith('.')) return undefined;
  const labels = readJson<{ labels?: Record<string, string> }>(join(dir, 'volume.json'))?.labels ?? {};
  return {
    CreatedAt: localTime(stat.birthtimeMs > 0 ? stat.birthtime : stat.mtime),
    Driver: 'local',
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: join(dir, '_data'),
    Name: name,
    Options: readJson<Record<string, string>>(join(dir, 'options.json')) ?? null,
    Scope: 'local',
  };
}

/** @throws DockerError `get x: no such volume` */
export function getVolume(engine: Engine, name: string): Volume {
  const volume = readVolume(engine, name);
  if (!volume) throw new DockerError('not-found', `get ${name}: no such volume`);
  return volume;
}

/** All volumes of the namespace, by name in natural order. */
export function listVolumes(engine: Engine): Volume[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(engine.store.volumes, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const order = new Intl.Collator('en', { numeric: true }).compare;
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => readVolume(engine, entry.name))
    .filter((volume): volume is Volume => volume !== undefined)
    .sort((a, b) => order(a.Name, b.Name));
}

export interface VolumeInit {
  name: string;
  labels?: Record<string, string>;
  driver?: string;
  options?: Record<string, string>;
}

/**
 * Makes the volume, or finds the one of that name as it is: docker's create is idempotent. The caller holds
 * `lockVolumes`; `created` tells who has to take it back on failure.
 */
export async function ensureVolume(engine: Engine, init: VolumeInit): Promise<{ volume: Volume; created: boolean }> {
  const { name, labels = {}, options = {} } = init;
  if (init.driver && init.driver !== 'local') {
    throw new DockerError(
      'not-found',
      `create ${name}: error looking up volume plugin ${init.driver}: plugin "${init.driver}" not found`,
    );
  }
  checkVolumeName(name);
  const existing = readVolume(engine, name);
  if (existing) {
    refuseOtherOptions(existing, options);
    return { volume: existing, created: false };
  }
  checkLocalOptions(name, options);
  const dir = join(engine.store.volumes, name);
  await ensureDir(dir, 0o700);
  if (Object.keys(options).length > 0)
    await writeFileAtomic(join(dir, 'options.json'), JSON.stringify(options, null, 4));
  await writeFileAtomic(join(dir, 'volume.json'), JSON.stringify({ labels }, null, 4));
  // Go nerdctl makes it 0700 and lets copy-up open it; docker gives 0755 at once, which is what containers with a user expect.
  await ensureDir(join(dir, '_data'), 0o755);
  return { volume: getVolume(engine, name), created: true };
}

function refuseOtherOptions(volume: Volume, wanted: Record<string, string>): void {
  const keys = Object.keys(wanted);
  const have = volume.Options ?? {};
  if (keys.length > 0 && (keys.some((key) => have[key] !== wanted[key]) || keys.length !== Object.keys(have).length)) {
    throw new DockerError(
      'conflict',
      `create ${volume.Name}: a volume of that name exists with other options: remove it first, or choose another name`,
    );
  }
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** RFC 3339 in the zone of the machine, whole seconds, as dockerd prints it. */
function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const wall = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${wall}Z`;
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${wall}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}
