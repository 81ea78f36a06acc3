import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupPath, cgroupVersion } from '../../host/cgroups.ts';
import type { Spec } from '../../runtime/spec/oci.ts';

/**
 * Whether the kernel killed a process of the container for memory during its last run. The monitor's file `oom` says so
 * where systemd removes the cgroup with its last process; otherwise the cgroup must still be there.
 */
export function wasOomKilled(stateDir: string, spec: Spec, run: { exitCode: number; stopped: boolean }): boolean {
  const { cgroupsPath, resources } = spec.linux ?? {};
  const noted = read(join(stateDir, 'oom'))?.trim();
  if (noted === 'seen') return true;
  // Only of an end that looks like one: the kill may have been another cgroup's.
  if (noted === 'likely') return run.exitCode === 137 && !run.stopped && (resources?.memory?.limit ?? 0) > 0;
  if (!cgroupsPath) return false;
  const path = cgroupPath(cgroupsPath);
  const file =
    cgroupVersion() === 2 ? `/sys/fs/cgroup${path}/memory.events` : `/sys/fs/cgroup/memory${path}/memory.oom_control`;
  return /^oom_kill [1-9]/m.test(read(file) ?? '');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
