import { deviceRules } from './devices.ts';
import type { HostConfig, SpecInput } from './input.ts';
import type { BlockIO, Resources, ThrottleDevice } from './oci.ts';

/** The resources of the cgroup; without a cgroup manager (rootless without delegation) only the device rules stay. */
export function specResources(input: SpecInput): Resources {
  const devices = deviceRules(input);
  if (input.machine.cgroupManager === 'none') return { devices };
  return { devices, ...limits(input.hostConfig), ...blockIO(input) };
}

/** The limits that `update` changes too. */
export function limits(host: HostConfig): Resources {
  const resources: Resources = {};
  const memory = memoryLimits(host);
  if (Object.keys(memory).length > 0) resources.memory = memory;
  const cpu = cpuLimits(host);
  if (Object.keys(cpu).length > 0) resources.cpu = cpu;
  // Docker: 0 and -1 both mean no limit, and no limit is not worth a write.
  if (host.PidsLimit && host.PidsLimit > 0) resources.pids = { limit: host.PidsLimit };
  return resources;
}

function memoryLimits(host: HostConfig): NonNullable<Resources['memory']> {
  const memory: NonNullable<Resources['memory']> = {};
  if (host.Memory && host.Memory > 0) memory.limit = host.Memory;
  if (host.MemoryReservation && host.MemoryReservation > 0) memory.reservation = host.MemoryReservation;
  const swap = memorySwap(host);
  if (swap !== 0) memory.swap = swap;
  if (host.MemorySwappiness !== undefined && host.MemorySwappiness !== null && host.MemorySwappiness >= 0) {
    memory.swappiness = host.MemorySwappiness;
  }
  if (host.OomKillDisable) memory.disableOOMKiller = true;
  return memory;
}

/** Memory plus swap in bytes; -1 is unlimited, 0 unset. A memory limit alone allows as much swap again. */
export function memorySwap(host: Pick<HostConfig, 'Memory' | 'MemorySwap'>): number {
  if (host.Memory && host.Memory > 0 && !host.MemorySwap) return host.Memory * 2;
  return host.MemorySwap ?? 0;
}

function cpuLimits(host: HostConfig): NonNullable<Resources['cpu']> {
  const cpu: NonNullable<Resources['cpu']> = {};
  if (host.CpuShares) cpu.shares = host.CpuShares;
  if (host.NanoCpus && host.NanoCpus > 0) {
    cpu.period = 100_000;
    cpu.quota = Math.floor((host.NanoCpus * cpu.period) / 1e9);
  }
  if (host.CpuPeriod) cpu.period = host.CpuPeriod;
  if (host.CpuQuota) cpu.quota = host.CpuQuota;
  if (host.CpuRealtimeRuntime) cpu.realtimeRuntime = host.CpuRealtimeRuntime;
  if (host.CpuRealtimePeriod) cpu.realtimePeriod = host.CpuRealtimePeriod;
  if (host.CpusetCpus) cpu.cpus = host.CpusetCpus;
  if (host.CpusetMems) cpu.mems = host.CpusetMems;
  return cpu;
}

interface Throttle {
  Path: string;
  Rate: number;
}

function blockIO(input: SpecInput): Pick<Resources, 'blockIO'> {
  const host = input.hostConfig;
  const numbers = (path: string) => input.blockDevices?.[path] ?? { major: 0, minor: 0 };
  const throttle = (list: Throttle[] | null | undefined): ThrottleDevice[] | undefined =>
    list && list.length > 0 ? list.map((entry) => ({ ...numbers(entry.Path), rate: entry.Rate })) : undefined;
  const weights = (host.BlkioWeightDevice ?? []) as { Path: string; Weight: number }[];
  const result: BlockIO = {
    weight: host.BlkioWeight || undefined,
    weightDevice:
      weights.length > 0 ? weights.map((entry) => ({ ...numbers(entry.Path), weight: entry.Weight })) : undefined,
    throttleReadBpsDevice: throttle(host.BlkioDeviceReadBps),
    throttleWriteBpsDevice: throttle(host.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: throttle(host.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: throttle(host.BlkioDeviceWriteIOps),
  };
  return Object.values(result).some((value) => value !== undefined) ? { blockIO: result } : {};
}

/**
 * `linux.cgroupsPath`: a path for cgroupfs, `slice:prefix:name` for systemd (runc's form), as Go nerdctl writes it.
 */
export function cgroupsPath(input: Pick<SpecInput, 'id' | 'namespace' | 'machine' | 'hostConfig'>): string {
  const { cgroupManager, cgroupParent } = input.machine;
  const parent = input.hostConfig.CgroupParent || cgroupParent;
  if (cgroupManager === 'none') return '';
  if (cgroupManager === 'systemd') return `${parent || 'system.slice'}:nerdctl:${input.id}`;
  const path = parent || `/${input.namespace}`;
  return `${path.startsWith('/') ? '' : '/'}${path.replace(/\/+$/, '')}/${input.id}`;
}
