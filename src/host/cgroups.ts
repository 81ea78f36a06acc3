import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MountInfo, readMountInfo } from './mountinfo.ts';

export interface CgroupFacts {
  /** Which hierarchy the controllers are in; `hybrid` (v1 controllers, v2 beside them) counts as 1. */
  version: 1 | 2;
  hybrid: boolean;
  /** Names as in `cgroup.controllers` or of the v1 mounts: cpu, memory, pids … */
  controllers: string[];
  /** Where the unified hierarchy is mounted, or undefined. */
  unified: string | undefined;
}

export function cgroupFacts(mounts: MountInfo[] = readMountInfo()): CgroupFacts {
  const unified = mounts.find((m) => m.fsType === 'cgroup2' && m.mountPoint.startsWith('/sys/fs/cgroup'))?.mountPoint;
  const v1 = mounts.filter((m) => m.fsType === 'cgroup' && m.mountPoint.startsWith('/sys/fs/cgroup'));
  if (unified === '/sys/fs/cgroup')
    return { version: 2, hybrid: false, controllers: unifiedControllers(unified), unified };
  // v1 mounts have their controllers among flags such as rw or xattr, or a name=… for none.
  const flags = new Set(['rw', 'ro', 'xattr', 'clone_children', 'noprefix', 'none']);
  const controllers = v1.flatMap((m) => m.superOptions.filter((o) => !flags.has(o) && !o.includes('=')));
  return { version: 1, hybrid: unified !== undefined, controllers: [...new Set(controllers)], unified };
}

export function cgroupVersion(): 1 | 2 {
  return cgroupFacts().version;
}

/** As sd_booted(3): whether systemd is the machine's PID 1. */
export function systemdBooted(): boolean {
  return existsSync('/run/systemd/system');
}

function unifiedControllers(root: string): string[] {
  try {
    return readFileSync(join(root, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}
