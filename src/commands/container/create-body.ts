import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Cli, type FlagValues, UsageError } from '../../cli/command.ts';
import type { CreateBody } from '../../docker/api.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parseCpus } from '../../docker/flags/cpus.ts';
import { parseDevice, parseThrottleBps, parseThrottleIops, parseWeightDevice } from '../../docker/flags/device.ts';
import { mergeEnv, parseEnv, parseEnvFile, parseLabels } from '../../docker/flags/env.ts';
import { parseExtraHost } from '../../docker/flags/extra-host.ts';
import { parseMountFlag } from '../../docker/flags/mount.ts';
import { parseNetworkFlags } from '../../docker/flags/network.ts';
import {
  checkNamespaceMode,
  parseAttachStream,
  parseDnsSearch,
  parseDnsServer,
  parseKeyValues,
  parseLogOpts,
  parseSecurityOpts,
  parseSysctl,
} from '../../docker/flags/options.ts';
import { parseExpose, parsePublish } from '../../docker/flags/ports.ts';
import { parseRestartPolicy } from '../../docker/flags/restart-policy.ts';
import { parseUlimits } from '../../docker/flags/ulimit.ts';
import { parseTmpfs, parseVolumeFlags } from '../../docker/flags/volumes.ts';
import type { createFlags } from './create-flags.ts';

export type CreateFlagValues = FlagValues<typeof createFlags>;

/**
 * The command line of `run` and `create` as the body of docker's `POST /containers/create`.
 * @throws UsageError for what docker's own client refuses
 */
export function createBody(cli: Cli, args: string[], flags: CreateFlagValues): CreateBody {
  try {
    const { NetworkMode, EndpointsConfig } = parseNetworkFlags(flags.network, {
      aliases: flags['network-alias'],
      ipv4: flags.ip,
      ipv6: flags.ip6,
      macAddress: flags['mac-address'],
    });
    return {
      ...configOf(cli, args, flags),
      HostConfig: { ...hostConfigOf(flags), ...consoleSizeOf(cli, flags), NetworkMode },
      NetworkingConfig: { EndpointsConfig },
    } as CreateBody;
  } catch (error) {
    if (isDockerError(error, 'invalid')) throw new UsageError(error.message);
    throw error;
  }
}

function configOf(cli: Cli, args: string[], flags: CreateFlagValues): Partial<CreateBody> {
  const [image, ...command] = args;
  const lookup = (name: string) => cli.env[name];
  const streams = attachedStreams(flags);
  const envFiles = flags['env-file'].flatMap((file) => parseEnvFile(readInput(file), file, lookup));
  const labelFiles = flags['label-file'].map((name) => ({ name, content: readInput(name) }));
  const ports = parsePublish(flags.publish);
  return {
    Image: image,
    Cmd: command,
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    WorkingDir: flags.workdir,
    Env: mergeEnv(
      envFiles,
      flags.env.map((entry) => parseEnv(entry, lookup)),
    ),
    Labels: parseLabels(labelFiles, flags.label),
    // --entrypoint '' clears the image's; several are Go nerdctl's way to give a list
    ...(flags.changed.has('entrypoint') ? { Entrypoint: flags.entrypoint } : {}),
    ExposedPorts: { ...parseExpose(flags.expose), ...ports.ExposedPorts },
    Volumes: parseVolumeFlags(flags.volume, absolute).Volumes,
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && streams.has('stdin'),
    AttachStdin: streams.has('stdin'),
    AttachStdout: streams.has('stdout'),
    AttachStderr: streams.has('stderr'),
    ...(flags['stop-signal'] ? { StopSignal: flags['stop-signal'] } : {}),
    ...(flags.changed.has('stop-timeout') ? { StopTimeout: flags['stop-timeout'] } : {}),
  };
}

/** Without -a a foreground container gets stdout and stderr, and stdin with -i; a detached one nothing. */
export function attachedStreams(
  flags: CreateFlagValues & { readonly detach?: boolean },
): Set<'stdin' | 'stdout' | 'stderr'> {
  if (flags.detach) return new Set();
  if (flags.attach.length > 0) return new Set(flags.attach.map(parseAttachStream));
  return new Set(flags.interactive ? ['stdin', 'stdout', 'stderr'] : ['stdout', 'stderr']);
}

function hostConfigOf(flags: CreateFlagValues): Partial<CreateBody['HostConfig']> {
  return {
    ...storageOf(flags),
    ...isolationOf(flags),
    ...resourcesOf(flags),
    AutoRemove: flags.rm,
    RestartPolicy: parseRestartPolicy(flags.restart),
    PortBindings: parsePublish(flags.publish).PortBindings,
    PublishAllPorts: flags['publish-all'],
    Dns: flags.dns.map(parseDnsServer),
    DnsOptions: flags['dns-option'],
    DnsSearch: flags['dns-search'].map(parseDnsSearch),
    ExtraHosts: flags['add-host'].map(parseExtraHost),
    LogConfig: { Type: flags['log-driver'], Config: parseLogOpts(flags['log-driver'], flags['log-opt']) },
  };
}

/** Known before the start, so that the first program already sees the right size. */
function consoleSizeOf(cli: Cli, flags: CreateFlagValues) {
  return flags.tty && cli.stdout.isTerminal ? { ConsoleSize: [cli.stdout.rows, cli.stdout.columns] } : {};
}

function storageOf(flags: CreateFlagValues) {
  return {
    Binds: parseVolumeFlags(flags.volume, absolute).Binds,
    Mounts: flags.mount.map((value) => parseMountFlag(value, absolute)),
    Tmpfs: parseTmpfs(flags.tmpfs),
    VolumesFrom: flags['volumes-from'],
    ReadonlyRootfs: flags['read-only'],
    ShmSize: flags['shm-size'],
  } as Partial<CreateBody['HostConfig']>;
}

function isolationOf(flags: CreateFlagValues) {
  checkNamespaceMode('pid', flags.pid);
  checkNamespaceMode('uts', flags.uts);
  checkNamespaceMode('userns', flags.userns);
  checkNamespaceMode('cgroupns', flags.cgroupns);
  const readProfile = (path: string) =>
    new TextDecoder().decode(readInput(path, (reason) => `opening seccomp profile (${path}) failed: ${reason}`));
  return {
    ...parseSecurityOpts(flags['security-opt'], readProfile),
    Privileged: flags.privileged,
    CapAdd: flags['cap-add'],
    CapDrop: flags['cap-drop'],
    GroupAdd: flags['group-add'],
    Sysctls: Object.fromEntries(flags.sysctl.map(parseSysctl)),
    Devices: flags.device.map(parseDevice),
    IpcMode: flags.ipc,
    PidMode: flags.pid,
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    CgroupnsMode: flags.cgroupns,
    CgroupParent: flags['cgroup-parent'],
    Annotations: parseKeyValues(flags.annotation),
    ...(flags.runtime ? { Runtime: flags.runtime } : {}),
    ...(flags.changed.has('init') ? { Init: flags.init } : {}),
  } as Partial<CreateBody['HostConfig']>;
}

function resourcesOf(flags: CreateFlagValues) {
  return {
    Memory: flags.memory,
    MemorySwap: flags['memory-swap'],
    MemoryReservation: flags['memory-reservation'],
    ...(flags['memory-swappiness'] === -1 ? {} : { MemorySwappiness: flags['memory-swappiness'] }),
    OomKillDisable: flags['oom-kill-disable'],
    OomScoreAdj: flags['oom-score-adj'],
    NanoCpus: flags.cpus ? parseCpus(flags.cpus) : 0,
    CpuShares: flags['cpu-shares'],
    CpuPeriod: flags['cpu-period'],
    CpuQuota: flags['cpu-quota'],
    CpusetCpus: flags['cpuset-cpus'],
    CpusetMems: flags['cpuset-mems'],
    ...(flags.changed.has('pids-limit') ? { PidsLimit: flags['pids-limit'] } : {}),
    BlkioWeight: flags['blkio-weight'],
    BlkioWeightDevice: flags['blkio-weight-device'].map(parseWeightDevice),
    BlkioDeviceReadBps: flags['device-read-bps'].map(parseThrottleBps),
    BlkioDeviceReadIOps: flags['device-read-iops'].map(parseThrottleIops),
    BlkioDeviceWriteBps: flags['device-write-bps'].map(parseThrottleBps),
    BlkioDeviceWriteIOps: flags['device-write-iops'].map(parseThrottleIops),
    Ulimits: parseUlimits(flags.ulimit),
  } as Partial<CreateBody['HostConfig']>;
}

function absolute(path: string): string {
  return resolve(path);
}

function readInput(file: string, explain = (reason: string) => reason): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(explain(`open ${file}: ${code === 'ENOENT' ? 'no such file or directory' : message}`));
  }
}
