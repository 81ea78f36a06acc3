import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type MountInfo, readMountInfo } from './mountinfo.ts';
import { killNow } from './proc.ts';

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

/** What systemd has given to the services of a user. */
export function delegatedControllers(uid: number): string[] {
  return unifiedControllers(`/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service`);
}

function unifiedControllers(root: string): string[] {
  try {
    return readFileSync(join(root, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

/**
 * Whether the kernel has weights for the `io` controller of cgroup v2 (CONFIG_BLK_CGROUP_IOCOST, or bfq): the root has
 * no such files, so those of any cgroup below it tell. True where there is none yet.
 */
export function hasIoWeight(root = '/sys/fs/cgroup'): boolean {
  const dirs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const below = dirs.map(({ name }) => join(root, name)).filter((dir) => existsSync(join(dir, 'io.stat')));
  const weights = ['io.weight', 'io.bfq.weight'];
  return below.length === 0 || below.some((dir) => weights.some((file) => existsSync(join(dir, file))));
}

/** Below a hierarchy's mount point, of the OCI spec's `linux.cgroupsPath` in either of runc's forms. */
export function cgroupPath(cgroupsPath: string): string {
  if (!cgroupsPath.includes(':')) return cgroupsPath;
  const [slice = '', prefix = '', name = ''] = cgroupsPath.split(':');
  const parents: string[] = [];
  // `-.slice` is the root.
  const parts = slice === '-.slice' ? [] : slice.replace(/\.slice$/, '').split('-');
  for (let i = 1; i <= parts.length; i++) parents.push(`${parts.slice(0, i).join('-')}.slice`);
  return `/${[...parents, `${prefix}-${name}.scope`].join('/')}`;
}

/** Kills what is left in a cgroup and removes it from every hierarchy. A missing one is no error. */
export async function removeCgroup(cgroupsPath: string): Promise<void> {
  const roots = readMountInfo().filter(({ fsType }) => fsType === 'cgroup' || fsType === 'cgroup2');
  const dirs = new Set(roots.map(({ mountPoint }) => join(mountPoint, cgroupPath(cgroupsPath))));
  await Promise.all([...dirs].filter((dir) => existsSync(dir)).map(removeCgroupDir));
}

async function removeCgroupDir(dir: string): Promise<void> {
  const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  await Promise.all(below.map(({ name }) => removeCgroupDir(join(dir, name))));
  // The kernel takes its time to let a killed process out.
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      for (const pid of readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
        killNow(Number(pid));
      return await rmdir(dir);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY') throw error;
      await delay(20);
    }
  }
}
