import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname, machine, release, totalmem } from 'node:os';
import { cgroupVersion } from '../../host/cgroups.ts';
import { osReleaseField } from '../../host/os-release.ts';
import type { Engine } from '../engine.ts';
import { type LimitsInfo, limitsInfo } from './limits-info.ts';
import { runcVersion } from './runc.ts';

/** `GET /info`, as far as it means something without a daemon. */
export interface SystemInfo extends LimitsInfo {
  ID: string;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  Driver: string;
  Plugins: { Volume: string[]; Network: string[]; Authorization: null; Log: string[]; Storage: string[] };
  IPv4Forwarding: boolean;
  Debug: boolean;
  SystemTime: string;
  LoggingDriver: string;
  CgroupDriver: string;
  CgroupVersion: string;
  KernelVersion: string;
  OperatingSystem: string;
  OSVersion: string;
  OSType: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  DockerRootDir: string;
  Name: string;
  ExperimentalBuild: boolean;
  ServerVersion: string;
  Runtimes: Record<string, { path: string }>;
  DefaultRuntime: string;
  Swarm: { NodeID: string; LocalNodeState: string };
  ContainerdCommit: { ID: string };
  RuncCommit: { ID: string };
  SecurityOptions: string[];
}

const RUNNING = 2;
const PAUSED = 4;

export async function systemInfo(engine: Engine): Promise<SystemInfo> {
  const { settings, containerd } = engine;
  const [version, server, snapshotters, containers, tasks, images, runc] = await Promise.all([
    containerd.version(),
    containerd.introspection.server(),
    containerd.introspection.plugins(['type==io.containerd.snapshotter.v1']),
    containerd.containers.list(),
    containerd.tasks.list(),
    containerd.images.list(),
    runcVersion(engine),
  ]);
  const running = tasks.filter(({ status }) => status === RUNNING).length;
  const paused = tasks.filter(({ status }) => status === PAUSED).length;
  return {
    ID: server.uuid,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: new Set(images.map(({ target }) => target?.digest)).size,
    Driver: settings.snapshotter,
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'none'],
      Authorization: null,
      Log: ['json-file', 'none'],
      Storage: snapshotters.filter(({ initErr }) => !initErr).map(({ id }) => id),
    },
    ...limitsInfo(engine),
    IPv4Forwarding: firstLine('/proc/sys/net/ipv4/ip_forward') === '1',
    Debug: settings.debug,
    SystemTime: new Date().toISOString(),
    LoggingDriver: 'json-file',
    CgroupDriver: settings.cgroupManager,
    CgroupVersion: String(cgroupVersion()),
    KernelVersion: release(),
    OperatingSystem: osReleaseField('PRETTY_NAME') || 'Linux',
    OSVersion: osReleaseField('VERSION_ID'),
    OSType: process.platform,
    Architecture: machine(),
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    DockerRootDir: settings.dataRoot,
    Name: hostname(),
    ExperimentalBuild: settings.experimental,
    ServerVersion: version.version,
    Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, runc: { path: 'runc' } },
    DefaultRuntime: 'io.containerd.runc.v2',
    Swarm: { NodeID: '', LocalNodeState: 'inactive' },
    ContainerdCommit: { ID: version.revision },
    RuncCommit: { ID: runc.commit || runc.version },
    SecurityOptions: securityOptions(engine),
  };
}

function securityOptions({ rootless }: Engine): string[] {
  const options: string[] = [];
  if (!rootless && firstLine('/sys/module/apparmor/parameters/enabled') === 'Y') options.push('name=apparmor');
  if (existsSync('/proc/sys/kernel/seccomp')) options.push('name=seccomp,profile=builtin');
  if (rootless) options.push('name=rootless');
  if (cgroupVersion() === 2) options.push('name=cgroupns');
  return options;
}

function firstLine(path: string): string {
  return readText(path).split('\n')[0] ?? '';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
