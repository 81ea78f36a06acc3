import type { HostConfig } from './input.ts';
import type { CgroupSupport } from './validate.ts';

const isSet = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));

/** docker drops limits that the kernel cannot enforce, and says so, where it could also fail. */
export function discardUnsupported(
  given: HostConfig,
  support: CgroupSupport,
): { hostConfig: HostConfig; warnings: string[] } {
  const hostConfig = { ...given };
  const warnings: string[] = [];
  const drop = (unsupported: boolean, keys: (keyof HostConfig)[], sentence: string) => {
    if (!unsupported || !keys.some((key) => isSet(hostConfig[key]))) return;
    for (const key of keys) delete hostConfig[key];
    warnings.push(sentence);
  };
  drop(
    !support.memory,
    ['Memory', 'MemorySwap', 'MemoryReservation'],
    'Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
  );
  if (!support.swap && hostConfig.Memory && hostConfig.MemorySwap !== -1) {
    hostConfig.MemorySwap = -1;
    warnings.push(
      'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.',
    );
  }
  if (!support.swappiness && (hostConfig.MemorySwappiness ?? -1) >= 0) {
    delete hostConfig.MemorySwappiness;
    warnings.push(
      'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
    );
  }
  drop(
    !support.oomKillDisable,
    ['OomKillDisable'],
    'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  );
  if (hostConfig.OomKillDisable && !hostConfig.Memory) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  }
  drop(
    !support.pids,
    ['PidsLimit'],
    'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
  );
  drop(
    !support.cpuShares,
    ['CpuShares'],
    'Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.',
  );
  drop(
    !support.cpuCfs,
    ['NanoCpus', 'CpuPeriod', 'CpuQuota'],
    'Your kernel does not support CPU CFS scheduler or the cgroup is not mounted. CPU limit discarded.',
  );
  drop(
    !support.cpuset,
    ['CpusetCpus', 'CpusetMems'],
    'Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.',
  );
  drop(
    !support.blkioWeight,
    ['BlkioWeight'],
    'Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.',
  );
  drop(
    !support.blkioWeight,
    ['BlkioWeightDevice'],
    'Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.',
  );
  for (const [unit, words, way] of [
    ['Bps', 'BPS Block I/O', 'Read'],
    ['Bps', 'BPS Block I/O', 'Write'],
    ['IOps', 'IOPS Block', 'Read'],
    ['IOps', 'IOPS Block', 'Write'],
  ] as const) {
    const limit = `${way.toLowerCase()} limit`;
    drop(
      !support.blkioThrottle,
      [`BlkioDevice${way}${unit}`],
      `Your kernel does not support ${words} ${limit} or the cgroup is not mounted. Block I/O ${unit.toUpperCase()} ${limit} discarded.`,
    );
  }
  return { hostConfig, warnings };
}

const limitKeys: readonly (keyof HostConfig)[] = [
  'Memory',
  'MemorySwap',
  'MemoryReservation',
  'MemorySwappiness',
  'OomKillDisable',
  'PidsLimit',
  'CpuShares',
  'NanoCpus',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'BlkioWeight',
  'BlkioWeightDevice',
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
  'CgroupParent',
];

/** Without a cgroup manager none can be enforced: one warning says so. */
export function discardLimits(given: HostConfig): { hostConfig: HostConfig; warnings: string[] } {
  const hostConfig = { ...given };
  const found = limitKeys.filter((key) => hostConfig[key] !== -1 && isSet(hostConfig[key]));
  for (const key of limitKeys) delete hostConfig[key];
  const warning =
    'Running without cgroups: limits of resources need root, or cgroup v2 with a systemd that delegates controllers to the user. Limits discarded.';
  return { hostConfig, warnings: found.length > 0 ? [warning] : [] };
}
