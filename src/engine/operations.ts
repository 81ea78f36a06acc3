import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, removeFile, removeHalfWritten, writeFileAtomic } from '../host/files.ts';
import { processStat } from '../host/proc.ts';
import type { ExitState } from './container/state.ts';
import type { Engine } from './engine.ts';

/** What a process is about to change; written before, removed after, so that a killed one can be cleaned up. */
export interface Operation {
  id: string;
  kind: 'create' | 'start' | 'exit' | 'remove' | 'pause';
  /** The process at work, and its start time in clock ticks: PIDs are reused. */
  pid: number;
  startTime: number;
  name?: string;
  /** Volumes that go with the container when the operation is undone or finished. */
  anonymousVolumes?: string[];
  /** How the run has ended: of `exit`, whose task may be gone already. */
  ended?: ExitState;
}

/** The journal's directory, beside Go nerdctl's: it lists only entries of its own. */
function operationsDir(engine: Engine): string {
  return join(engine.store.root, 'operations', engine.settings.namespace);
}

export async function beginOperation(engine: Engine, operation: Omit<Operation, 'pid' | 'startTime'>): Promise<void> {
  const dir = operationsDir(engine);
  await ensureDir(dir, 0o700);
  const entry: Operation = { ...operation, pid: process.pid, startTime: processStat(process.pid)?.startTime ?? 0 };
  await writeFileAtomic(join(dir, operation.id), JSON.stringify(entry));
}

export async function endOperation(engine: Engine, id: string): Promise<void> {
  await removeFile(join(operationsDir(engine), id));
}

/** What a living process is about to do with the container. */
export function liveOperation(engine: Engine, id: string): Operation | undefined {
  const operation = readOperation(join(operationsDir(engine), id));
  return operation && isLive(operation) ? operation : undefined;
}

/** What a dead process has left half done on the container. */
export function abandonedOperation(engine: Engine, id: string): Operation | undefined {
  const operation = readOperation(join(operationsDir(engine), id));
  return operation && !isLive(operation) ? operation : undefined;
}

/** How the run of a container has ended that is just being put away. */
export function notedEnd(engine: Engine, id: string): ExitState | undefined {
  return readOperation(join(operationsDir(engine), id))?.ended;
}

/** The operations whose process died: one readdir when there are none. */
export function abandonedOperations(engine: Engine): Operation[] {
  const dir = operationsDir(engine);
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  if (names.length > 0) removeHalfWritten(dir, names);
  return names
    .filter((name) => !name.startsWith('.'))
    .map((name) => abandonedOperation(engine, name))
    .filter((operation) => operation !== undefined);
}

function isLive(operation: Operation): boolean {
  const stat = processStat(operation.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTime === operation.startTime;
}

function readOperation(path: string): Operation | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Operation;
  } catch {
    return undefined;
  }
}
