import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between two looks at the processes of others. */
const pollInterval = 15;

/** Fields of /proc/<pid>/stat, see proc(5). */
export interface ProcessStat {
  /** `R`, `S`, `Z` … */
  state: string;
  ppid: number;
  /** Clock ticks after boot: with the pid, the identity of a process. */
  startTime: number;
}

/** Undefined if there is no such process. */
export function processStat(pid: number): ProcessStat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcessStat(text);
}

export function parseProcessStat(text: string): ProcessStat | undefined {
  // The command's name is in parentheses and may contain anything, parentheses and spaces too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, ppid] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return undefined;
  return { state, ppid: Number(ppid), startTime: Number(startTime) };
}

/** A zombie is dead. */
export function isAlive(pid: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** Changes at every boot. */
export function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** When the machine was started, from /proc/stat. */
export function bootTime(): Date {
  const seconds = /^btime (\d+)$/m.exec(readIfThere('/proc/stat') ?? '')?.[1];
  return new Date(Number(seconds ?? 0) * 1000);
}

/** argv of a process; empty for kernel threads, zombies and missing ones. */
export function processArguments(pid: number): string[] {
  return (readIfThere(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it ended while being read.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}

/** The environment of a process as it was at its start; empty where it cannot be read. */
export function processEnvironment(pid: number): string[] {
  return (readIfThere(`/proc/${pid}/environ`) ?? '').split('\0').slice(0, -1);
}

/** Where a symbolic link leads, as `/proc/<pid>/cwd`; undefined where it cannot be read. */
export function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function processes(matches: (pid: number) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid) && matches(pid));
}

/** Whether one is alive that matches. */
export function hasProcess(matches: (pid: number) => boolean): boolean {
  return processes(matches).length > 0;
}

/** The processes of a PID namespace, or, of a process that is in ours, with its descendants. */
export function processesOf(pid: number): number[] {
  const namespace = linkTarget(`/proc/${pid}/ns/pid`);
  if (namespace === undefined) return [];
  if (namespace !== linkTarget('/proc/self/ns/pid'))
    return processes((other) => linkTarget(`/proc/${other}/ns/pid`) === namespace);
  const parents = new Map(processes(() => true).map((other) => [other, processStat(other)?.ppid ?? 0]));
  const below = (other: number): boolean => other === pid || (other > 1 && below(parents.get(other) ?? 0));
  return [...parents.keys()].filter(below);
}

/**
 * Waits for the end of processes that are not our children, for which there is no event; after `patience` milliseconds
 * kills them, with their children.
 */
export async function endProcesses(matches: (pid: number) => boolean, patience = 0): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = processes(matches);
    if (found.length === 0) return;
    if (Date.now() >= deadline) {
      const children = processes((pid) => found.includes(processStat(pid)?.ppid ?? 0));
      for (const pid of [...children, ...found]) killNow(pid);
    }
    await delay(pollInterval);
  }
}

/** SIGTERM, and SIGKILL after `patience` milliseconds. Waits for the end. */
export async function endProcess(pid: number, patience: number): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await endProcesses((each) => each === pid, patience);
}

/** SIGKILL; one that has ended is no error. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
