import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { ensureDir, removeFile, writeFileAtomic } from '../../host/files.ts';
import type { Engine } from '../engine.ts';
import { liveOperation } from '../operations.ts';

const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Rejects what docker rejects; docker's own sentence, with the name as `shown`. */
export function checkContainerName(name: string, shown = name): void {
  if (validName.test(name)) return;
  throw new DockerError('invalid', `Invalid container name (${shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

/** Go nerdctl's default: the last path element of the image and the first five digits of the ID. */
export function defaultContainerName(imageName: string, id: string): string {
  const base = imageName.split('@')[0]!.split('/').pop()!.split(':')[0]!;
  const safe = base.replace(/[^a-zA-Z0-9_.-]/g, '').replace(/^[^a-zA-Z0-9]+/, '');
  return `${safe || 'untitled'}-${id.slice(0, 5)}`;
}

/** Versions of Go nerdctl keep names in different places: a name is free, and taken, in all of them. */
export const namePlaces = ({ store }: Engine): string[] =>
  store.names21 ? [store.names, store.names21] : [store.names];

/**
 * Reserves the name for `id`. A reservation whose container is gone and whose creator is dead is taken over.
 */
export async function reserveName(engine: Engine, name: string, id: string): Promise<void> {
  await withNames(engine, async () => {
    for (const place of namePlaces(engine)) {
      const holder = holderIn(place, name);
      if (holder && holder !== id && (await isHeld(engine, holder))) {
        throw new DockerError(
          'conflict',
          `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
        );
      }
    }
    await Promise.all(namePlaces(engine).map((place) => writeFileAtomic(join(place, name), id)));
  });
}

/** Frees the name if it is still `id`'s. */
export async function releaseName(engine: Engine, name: string, id: string): Promise<void> {
  await withNames(engine, async () => {
    for (const place of namePlaces(engine)) {
      if (holderIn(place, name) === id) await removeFile(join(place, name));
    }
  });
}

/** Frees what another program has left reserved for a container that it has removed. */
export async function releaseNamesOf(engine: Engine, id: string): Promise<void> {
  await withNames(engine, async () => {
    for (const place of namePlaces(engine)) {
      const held = readdirSync(place).filter((name) => holderIn(place, name) === id);
      for (const name of held) await removeFile(join(place, name));
    }
  });
}

/** The container ID a name is reserved for. */
export function nameHolder(engine: Engine, name: string): string | undefined {
  for (const place of namePlaces(engine)) {
    const holder = holderIn(place, name);
    if (holder) return holder;
  }
  return undefined;
}

function holderIn(place: string, name: string): string | undefined {
  try {
    return readFileSync(join(place, name), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

async function isHeld(engine: Engine, id: string): Promise<boolean> {
  if (liveOperation(engine, id)) return true;
  try {
    await engine.containerd.containers.get(id);
    return true;
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return false;
    throw error;
  }
}

async function withNames<T>(engine: Engine, body: () => Promise<T>): Promise<T> {
  const places = namePlaces(engine);
  for (const place of places) await ensureDir(place, 0o700);
  const [first, second] = places;
  return withLock(engine, first, () => withLock(engine, second, body));
}

async function withLock<T>(engine: Engine, dir: string | undefined, body: () => Promise<T>): Promise<T> {
  if (dir === undefined) return body();
  const lock = await engine.host.lock(dir);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}
