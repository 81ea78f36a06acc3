import { readFileSync } from 'node:fs';
import { cgroupPath, cgroupVersion } from '../../host/cgroups.ts';

/** Whether the kernel killed a process of the container for memory; the cgroup must still be there. */
export function wasOomKilled(cgroupsPath: string | undefined): boolean {
  if (!cgroupsPath) return false;
  const path = cgroupPath(cgroupsPath);
  const file =
    cgroupVersion() === 2 ? `/sys/fs/cgroup${path}/memory.events` : `/sys/fs/cgroup/memory${path}/memory.oom_control`;
  try {
    return /^oom_kill [1-9]/m.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}
