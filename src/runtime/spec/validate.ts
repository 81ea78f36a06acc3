import { DockerError } from '../../docker/errors.ts';
import { checkRestartPolicy } from '../../docker/flags/restart-policy.ts';
import { effectiveCapabilities } from './capabilities.ts';
import { parseDeviceRule } from './devices.ts';
import type { HostConfig, Machine } from './input.ts';
import { parseSecurityOptions } from './security.ts';
import { discardLimits, discardUnsupported } from './supported.ts';

/** Which limits this machine's cgroups can enforce. */
export interface CgroupSupport {
  memory: boolean;
  swap: boolean;
  swappiness: boolean;
  oomKillDisable: boolean;
  cpuShares: boolean;
  cpuCfs: boolean;
  cpuset: boolean;
  pids: boolean;
  blkioWeight: boolean;
  blkioThrottle: boolean;
}

/** What the checks have to know of the machine. */
export interface Limits {
  /** Lists as the kernel writes them: `0-3,8`. */
  availableCpus: string;
  availableMems: string;
  support: CgroupSupport;
  cgroupManager: Machine['cgroupManager'];
  /** See `Machine.capabilities`. */
  capabilities: string[];
}

interface CheckedConfig {
  Hostname?: string;
  MacAddress?: string;
  WorkingDir?: string;
  ExposedPorts?: Record<string, object>;
}

/**
 * dockerd's checks of a create body, in its order and words.
 * @param config what the user gave, before the merge with the image
 * @returns the HostConfig without what the machine cannot do, and the warnings that say so
 * @throws DockerError for what makes no sense
 */
export function checkHostConfig(
  config: CheckedConfig,
  hostConfig: HostConfig,
  limits: Limits,
): { hostConfig: HostConfig; warnings: string[] } {
  checkNetworkMode(config, hostConfig);
  checkProcess(config, hostConfig);
  checkMemory(hostConfig);
  checkCpu(hostConfig, limits);
  checkOther(hostConfig, limits);
  effectiveCapabilities(hostConfig, limits.capabilities);
  parseSecurityOptions(hostConfig.SecurityOpt);
  for (const rule of hostConfig.DeviceCgroupRules ?? []) parseDeviceRule(rule);
  return limits.cgroupManager === 'none' ? discardLimits(hostConfig) : discardUnsupported(hostConfig, limits.support);
}

function fail(message: string): never {
  throw new DockerError('invalid', message);
}

function checkNetworkMode(config: CheckedConfig, host: HostConfig): void {
  const container = host.NetworkMode?.startsWith('container:') === true;
  const filled = (value: object | null | undefined) => Object.keys(value ?? {}).length > 0;
  const conflict = (condition: boolean, text: string) => {
    if (condition) fail(`conflicting options: ${text}`);
  };
  conflict(container && !!config.Hostname, 'hostname and the network mode');
  conflict(host.UTSMode === 'host' && !!config.Hostname, 'hostname and the UTS mode');
  conflict(container && filled(host.Links), 'container type network can not be used with links');
  conflict(container && filled(host.Dns), 'dns and the network mode');
  conflict(container && filled(host.ExtraHosts), 'custom host-to-IP mapping and the network mode');
  conflict((container || host.NetworkMode === 'host') && !!config.MacAddress, 'mac-address and the network mode');
  conflict(
    container && (filled(host.PortBindings) || host.PublishAllPorts === true),
    'port publishing and the container type network mode',
  );
  conflict(container && filled(config.ExposedPorts), 'port exposing and the container type network mode');
}

function checkProcess(config: CheckedConfig, host: HostConfig): void {
  const directory = config.WorkingDir;
  if (directory && !directory.startsWith('/')) {
    fail(`the working directory '${directory}' is invalid, it needs to be an absolute path`);
  }
  if (config.Hostname && Buffer.byteLength(config.Hostname) > 64) {
    fail(`invalid hostname '${config.Hostname}': it may have 64 characters`);
  }
  const score = host.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000) {
    fail(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  checkRestartPolicy({ Name, MaximumRetryCount });
  if (host.AutoRemove && Name !== '' && Name !== 'no') fail("can't create 'AutoRemove' container with restart policy");
  if ((host.ShmSize ?? 0) < 0) fail('SHM size can not be less than 0');
  for (const key of Object.keys(host.Sysctls ?? {})) checkSysctl(key, host);
}

// The runtime would refuse these too, but only after everything has been set up.
function checkSysctl(key: string, host: HostConfig): void {
  if (key.startsWith('net.') && host.NetworkMode === 'host') {
    fail(`sysctl "${key}" not allowed in host network namespace`);
  }
  const ipc = /^kernel\.(msg|sem|shm)|^fs\.mqueue\./.test(key);
  if (ipc && host.IpcMode === 'host') fail(`sysctl "${key}" is not allowed in the hosts ipc namespace`);
}

const minMemory = 6 * 1024 * 1024;

function checkMemory(host: HostConfig): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, MemorySwappiness } = host;
  if (Memory !== 0 && Memory < minMemory) fail('Minimum memory limit allowed is 6MB');
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    fail('Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (Memory === 0 && MemorySwap > 0) {
    fail('You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  if (
    MemorySwappiness !== undefined &&
    MemorySwappiness !== null &&
    (MemorySwappiness < -1 || MemorySwappiness > 100)
  ) {
    fail(`Invalid value: ${MemorySwappiness}, valid memory swappiness range is 0-100`);
  }
  if (MemoryReservation > 0 && MemoryReservation < minMemory) fail('Minimum memory reservation allowed is 6MB');
  if (Memory > 0 && MemoryReservation > 0 && Memory < MemoryReservation) {
    fail('Minimum memory limit can not be less than memory reservation limit, see usage');
  }
}

function checkCpu(host: HostConfig, limits: Limits): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 } = host;
  if (NanoCpus !== 0) {
    if (CpuPeriod > 0) fail('Conflicting options: Nano CPUs and CPU Period cannot both be set');
    if (CpuQuota > 0) fail('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
    const count = parseList(limits.availableCpus.trim())?.length ?? 1;
    // A hundredth is what the kernel's 1 ms quota allows of its usual period.
    if (NanoCpus < 1e7 || NanoCpus > count * 1e9) {
      fail(`Range of CPUs is from 0.01 to ${count.toFixed(2)}, as there are only ${count} CPUs available`);
    }
  }
  if (CpuShares < 0) fail(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    fail('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  }
  if (CpuQuota > 0 && CpuQuota < 1000) fail('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  checkSet('cpus', 'CPUs', host.CpusetCpus, limits.availableCpus);
  checkSet('mems', 'memory nodes', host.CpusetMems, limits.availableMems);
}

function checkSet(kind: string, words: string, wanted: string | undefined, available: string): void {
  if (!wanted) return;
  const set = parseList(wanted);
  if (!set) fail(`Invalid value ${wanted} for cpuset ${kind}: invalid format: ${wanted}`);
  const have = parseList(available.trim());
  if (have && set.some((number) => !have.includes(number))) {
    fail(`Requested ${words} are not available - requested ${wanted}, available: ${available.trim()}`);
  }
}

/** `0-2,7` → [0, 1, 2, 7]; undefined when it is not such a list. */
function parseList(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [, first, last = first] = /^([0-9]{1,4})(?:-([0-9]{1,4}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.push(number);
  }
  return numbers;
}

function checkOther(host: HostConfig, limits: Limits): void {
  const weight = host.BlkioWeight ?? 0;
  if (limits.support.blkioWeight && weight !== 0 && (weight < 10 || weight > 1000)) {
    fail('Range of blkio weight is from 10 to 1000');
  }
  const parent = host.CgroupParent;
  if (limits.cgroupManager === 'systemd' && parent && !/^[^/]+\.slice$/.test(parent)) {
    fail('cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"');
  }
}
