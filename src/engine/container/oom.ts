import { readFileSync } from 'node:fs';
import { cgroupVersion } from '../../host/cgroups.ts';

/** Whether the kernel killed a process of the container for memory; the cgroup must still be there. */
export function wasOomKilled(cgroupsPath: string | undefined): boolean {
  if (!cgroupsPath) return false;
  const path = cgroupsPath.includes(':') ? systemdPath(cgroupsPath) : cgroupsPath;
  const file =
    cgroupVersion() === 2 ? `/sys/fs/cgroup${path}/memory.events` : `/sys/fs/cgroup/memory${path}/memory.oom_control`;
  try {
    return /^oom_kill [1-9]/m.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

/** `system.slice:nerdctl:ID`, the form runc's systemd driver takes. */
function systemdPath(cgroupsPath: string): string {
  const [slice = '', prefix = '', name = ''] = cgroupsPath.split(':');
  const parents: string[] = [];
  const parts = slice.replace(/\.slice$/, '').split('-');
  for (let i = 1; i <= parts.length; i++) parents.push(`${parts.slice(0, i).join('-')}.slice`);
  return `/${parents.join('/')}/${prefix}-${name}.scope`;
}
