import { cgroupVersion } from '../../host/cgroups.ts';
import type { CgroupSupport } from '../../runtime/spec/validate.ts';
import { cgroupSupport } from '../container/cgroup-support.ts';
import type { Engine } from '../engine.ts';

/** What `GET /info` says of limits. */
export interface LimitsInfo {
  MemoryLimit: boolean;
  SwapLimit: boolean;
  CpuCfsPeriod: boolean;
  CpuCfsQuota: boolean;
  CPUShares: boolean;
  CPUSet: boolean;
  PidsLimit: boolean;
  OomKillDisable: boolean;
  Warnings: string[] | null;
}

export function limitsInfo({ settings, rootless }: Pick<Engine, 'settings' | 'rootless'>): LimitsInfo {
  const hasCgroups = settings.cgroupManager !== 'none';
  const support = cgroupSupport({ rootless });
  const version = cgroupVersion();
  const warnings = hasCgroups ? lacking(support, version) : rootless ? [withoutCgroups[version]] : [];
  return {
    MemoryLimit: hasCgroups && support.memory,
    SwapLimit: hasCgroups && support.swap,
    CpuCfsPeriod: hasCgroups && support.cpuCfs,
    CpuCfsQuota: hasCgroups && support.cpuCfs,
    CPUShares: hasCgroups && support.cpuShares,
    CPUSet: hasCgroups && support.cpuset,
    PidsLimit: hasCgroups && support.pids,
    OomKillDisable: hasCgroups && support.oomKillDisable,
    Warnings: warnings.length > 0 ? warnings : null,
  };
}

/** dockerd's sentences, as those below. */
const withoutCgroups = {
  1: 'WARNING: Running in rootless-mode without cgroups. To enable cgroups in rootless-mode, you need to boot the system in cgroup v2 mode.',
  2: 'WARNING: Running in rootless-mode without cgroups. Systemd is required to enable cgroups in rootless-mode.',
};

/** In dockerd's order. */
export function lacking(support: CgroupSupport, version: 1 | 2): string[] {
  const { memory, swap, oomKillDisable, cpuCfs, cpuShares, cpuset, blkioWeight, blkioThrottle } = support;
  const rates = ['read_bps', 'write_bps', 'read_iops', 'write_iops'];
  const maximum = (rate: string) => rate.replace(/^(.)\w+_/, '$1');
  const found: [boolean, string][] = [
    [memory, 'memory limit'],
    [swap, 'swap limit'],
    [oomKillDisable || version === 2, 'oom kill disable'],
    [cpuCfs, 'cpu cfs quota'],
    [cpuCfs, 'cpu cfs period'],
    [cpuShares, 'cpu shares'],
    [cpuset, 'cpuset'],
    [blkioWeight || version === 1, 'io.weight'],
    [blkioWeight || version === 1, 'io.weight (per device)'],
    ...rates.map((rate): [boolean, string] => [
      blkioThrottle,
      version === 2 ? `io.max (${maximum(rate)})` : `blkio throttle.${rate}_device`,
    ]),
  ];
  return found.filter(([has]) => !has).map(([, what]) => `WARNING: No ${what} support`);
}
