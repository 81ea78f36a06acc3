import { readFileSync } from 'node:fs';
import { systemdBooted } from './cgroups.ts';
import { runProcess } from './process.ts';

/** The service that a process belongs to, where systemd is the machine's PID 1. */
export function unitOf(pid: number): string | undefined {
  if (!systemdBooted()) return undefined;
  try {
    return /\/([^/\n]+\.service)(?:\/|$)/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Whether systemd is PID 1 and has a unit that can be started; a masked one cannot. */
export async function hasUnit(unit: string): Promise<boolean> {
  if (!systemdBooted()) return false;
  try {
    const { stdout } = await runProcess('systemctl', ['show', '--property=LoadState', '--value', unit]);
    return stdout.toString().trim() === 'loaded';
  } catch {
    return false;
  }
}
