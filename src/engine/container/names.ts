import { readFileSync } from 'node:fs';
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

/**
 * Reserves `names/<ns>/<name>` for `id`. A reservation whose container is gone and whose creator is dead is taken over.
 */
export async function reserveName(engine: Engine, name: string, id: string): Promise<void> {
  await withNames(engine, async () => {
    const holder = nameHolder(engine, name);
    if (holder && holder !== id && (await isHeld(engine, holder))) {
      throw new DockerError(
        'conflict',
        `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    await writeFileAtomic(join(engine.store.names, name), id);
  });
}

/** Frees the name if it is still `id`'s. */
export async function releaseName(engine: Engine, name: string, id: string): Promise<void> {
  await withNames(engine, async () => {
    if (nameHolder(engine, name) === id) await removeFile(join(engine.store.names, name));
  });
}

/** The container ID a name is reserved for. */
export function nameHolder(engine: Engine, name: string): string | undefined {
  try {
    return readFileSync(join(engine.store.names, name), 'utf8').trim() || undefined;
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
  await ensureDir(engine.store.names, 0o700);
  const lock = await engine.host.lock(engine.store.names);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}
