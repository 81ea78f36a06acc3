import { appendFileSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureDir, writeFileAtomic } from './files.ts';
import { processStat } from './proc.ts';

/** Writes the PID, as everybody does, and below it the process's start time: PIDs are used again. */
export async function writePidFile(path: string, pid: number): Promise<void> {
  await ensureDir(dirname(path));
  await writeFileAtomic(path, `${pid}\n${processStat(pid)?.startTime ?? 0}\n`);
}

/** A word of ours about the process, below that; gone with the next one's file. */
export function markPidFile(path: string, mark: string): void {
  appendFileSync(path, `${mark}\n`);
}

export function hasMark(path: string, mark: string): boolean {
  return readFileSync(path, 'utf8').split('\n').slice(2).includes(mark);
}

/** The process of a PID file: undefined where there is no file, or the process is another or has ended. */
export function readPidFile(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [pid = 0, startTime = 0] = text.split('\n').map(Number);
  const stat = processStat(pid);
  return stat && stat.state !== 'Z' && stat.startTime === startTime ? pid : undefined;
}
