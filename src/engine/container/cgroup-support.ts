import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFacts, delegatedControllers, hasIoWeight } from '../../host/cgroups.ts';
import type { CgroupSupport } from '../../runtime/spec/validate.ts';
import type { Engine } from '../engine.ts';

/** By the files that the kernel shows, as dockerd finds out. */
export function cgroupSupport({ rootless }: Pick<Engine, 'rootless'>): CgroupSupport {
  const { version, controllers: all } = cgroupFacts();
  const controllers = rootless && version === 2 ? delegatedControllers(rootless.uid) : all;
  const has = (controller: string) => controllers.includes(controller);
  if (version === 1) {
    const file = (path: string) => existsSync(join('/sys/fs/cgroup', path));
    return {
      memory: has('memory'),
      swap: file('memory/memory.memsw.limit_in_bytes'),
      swappiness: file('memory/memory.swappiness'),
      oomKillDisable: file('memory/memory.oom_control'),
      cpuShares: file('cpu/cpu.shares'),
      cpuCfs: file('cpu/cpu.cfs_quota_us'),
      cpuset: has('cpuset'),
      pids: has('pids'),
      blkioWeight: file('blkio/blkio.weight') || file('blkio/blkio.bfq.weight'),
      blkioThrottle: file('blkio/blkio.throttle.read_bps_device'),
    };
  }
  return {
    memory: has('memory'),
    swap: has('memory') && swapAccounting(),
    swappiness: false,
    oomKillDisable: false,
    cpuShares: has('cpu'),
    cpuCfs: has('cpu'),
    cpuset: has('cpuset'),
    pids: has('pids'),
    blkioWeight: has('io') && hasIoWeight(),
    blkioThrottle: has('io'),
  };
}

// The root cgroup has no memory.swap.max: a process that sits there cannot tell, and kernels have it by default.
function swapAccounting(): boolean {
  const own = /^0::(.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1] ?? '/';
  return own === '/' || existsSync(join('/sys/fs/cgroup', own, 'memory.swap.max'));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
