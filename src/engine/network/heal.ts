import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, removeFile, writeFileAtomic } from '../../host/files.ts';
import { netnsPath } from '../container/container-dir.ts';
import type { Engine } from '../engine.ts';
import { withPluginLock } from './context.ts';

/** What a detach that failed leaves behind, for the next command to finish. */
interface FailedDetach {
  id: string;
  networks: string[];
  error: string;
  attempts: number;
  /** Milliseconds since the epoch: a plugin that hangs must not slow every command down. */
  nextAttempt: number;
}

const firstDelay = 2_000;
const longestDelay = 300_000;

function recordsDir(engine: Engine): string {
  return join(engine.store.root, 'network-failures', engine.settings.namespace);
}

export async function recordFailedDetach(
  engine: Engine,
  id: string,
  networks: string[],
  error: unknown,
): Promise<void> {
  const dir = recordsDir(engine);
  await ensureDir(dir, 0o700);
  const attempts = (readRecord(engine, id)?.attempts ?? 0) + 1;
  const delay = Math.min(firstDelay * 2 ** (attempts - 1), longestDelay);
  const record: FailedDetach = {
    id,
    networks,
    error: error instanceof Error ? error.message : String(error),
    attempts,
    nextAttempt: Date.now() + delay,
  };
  await writeFileAtomic(join(dir, id), JSON.stringify(record));
}

/** A container's record; `waiting` while it is too early to try again. */
export function failedDetach(engine: Engine, id: string): (FailedDetach & { waiting: boolean }) | undefined {
  const record = readRecord(engine, id);
  return record && { ...record, waiting: Date.now() < record.nextAttempt };
}

export async function forgetFailedDetach(engine: Engine, id: string): Promise<void> {
  await removeFile(join(recordsDir(engine), id));
}

/** Finishes the detaches that failed. One readdir when there are none; never fails, what still fails stays recorded. */
export async function healNetworks(engine: Engine): Promise<void> {
  const due = failedIds(engine).flatMap((id) => {
    const record = failedDetach(engine, id);
    return record && !record.waiting ? [record] : [];
  });
  if (due.length === 0) return;
  const { detachLocked } = await import('./detach.ts');
  await withPluginLock(engine, async () => {
    for (const { id, networks, attempts } of due) {
      // Somebody else may have been faster.
      if (!readRecord(engine, id)) continue;
      await detachLocked(engine, id, networks, netnsPath(id));
      if (readRecord(engine, id)?.attempts === attempts) await forgetFailedDetach(engine, id);
    }
  }).catch(() => {});
}

function failedIds(engine: Engine): string[] {
  try {
    return readdirSync(recordsDir(engine)).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function readRecord(engine: Engine, id: string): FailedDetach | undefined {
  try {
    return JSON.parse(readFileSync(join(recordsDir(engine), id), 'utf8')) as FailedDetach;
  } catch {
    return undefined;
  }
}
