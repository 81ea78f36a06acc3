import { networkId } from '../../cni/conflist.ts';
import {
  type ContainerInspect,
  containerInspect,
  type PartialContainerInspect,
} from '../../docker/views/container-inspect.ts';
import { portMap } from '../../docker/views/ports.ts';
import type { Container } from '../../runtime/containers.ts';
import { normalizeCapabilities } from '../../runtime/spec/capabilities.ts';
import type { Spec } from '../../runtime/spec/oci.ts';
import type { Engine } from '../engine.ts';
import { mountPointsOf } from '../mounts/labels.ts';
import { dockerEndpoint, readEndpoints } from '../network/endpoint.ts';
import { networksLabel } from '../network/mode.ts';
import { nameOf, netnsPath, stateDirOf } from './container-dir.ts';
import { type DockerRecord, readDockerRecord } from './docker-record.ts';
import { findContainer } from './find.ts';
import { foreignExposedPorts, foreignHostConfig, foreignImageId } from './inspect-foreign.ts';
import { dockerLabels, jsonLabel, label } from './labels.ts';
import { logPathOf } from './monitor-setup.ts';
import { filesOf } from './network-files.ts';
import { observeState } from './observe.ts';
import { publishedPorts } from './ports.ts';
import { specOf } from './spec-record.ts';
import { findTask } from './task.ts';

/** A container as docker's inspect shows it. */
export async function inspectContainer(engine: Engine, ref: string): Promise<ContainerInspect> {
  const container = await findContainer(engine, ref);
  const stateDir = stateDirOf(engine, container);
  const task = await findTask(engine, container.id);
  const { RestartCount, ...state } = await observeState(engine, container, task);
  const spec = specOf(container);
  const files = filesOf(engine, container);
  const record = readDockerRecord(stateDir);
  const [path = '', ...args] = spec.process?.args ?? [];
  return containerInspect({
    Id: container.id,
    Created: record?.Created ?? container.createdAt?.toISOString() ?? '',
    Path: record?.Path ?? path,
    Args: record?.Args ?? args,
    State: state,
    Image: record?.ImageID ?? container.labels[label.imageId] ?? (await foreignImageId(engine, container)),
    ResolvConfPath: files.resolvConf,
    HostnamePath: files.hostname,
    HostsPath: files.hosts,
    LogPath: record ? record.LogPath : logPathOf(container, stateDir),
    Name: `/${nameOf(container)}`,
    RestartCount,
    Driver: container.snapshotter,
    AppArmorProfile: spec.process?.apparmorProfile ?? '',
    HostConfig: hostConfigOf(engine, container, record, spec),
    GraphDriver: { Data: null, Name: container.snapshotter },
    Mounts: mountPointsOf(container.labels),
    Config: configOf(engine, container, record, spec),
    NetworkSettings: networkSettingsOf(engine, container, record, state.Running),
  } as PartialContainerInspect);
}

/** containerd's own record, for `--mode=native`. */
export async function inspectNative(engine: Engine, ref: string): Promise<object> {
  const container = await findContainer(engine, ref);
  const task = await findTask(engine, container.id);
  return {
    ID: container.id,
    Labels: container.labels,
    Image: container.image,
    Runtime: { Name: container.runtime?.name ?? '' },
    SnapshotKey: container.snapshotKey,
    Snapshotter: container.snapshotter,
    CreatedAt: container.createdAt,
    UpdatedAt: container.updatedAt,
    Spec: specOf(container),
    Process: task ? { Pid: task.pid, Status: { Status: task.status, ExitStatus: task.exitStatus } } : null,
  };
}

/** What is empty has docker's own empty value in the view. */
function hostConfigOf(
  engine: Engine,
  container: Container,
  record: DockerRecord | undefined,
  spec: Spec,
): PartialContainerInspect['HostConfig'] {
  const given = record?.HostConfig ?? foreignHostConfig(engine, container, spec);
  const entries = Object.entries(given).filter(([, value]) => !isEmpty(value));
  const config = Object.fromEntries(entries) as Record<string, unknown>;
  const logConfig = config.LogConfig as { Type?: string; Config?: object } | undefined;
  config.LogConfig = { Type: logConfig?.Type || 'json-file', Config: logConfig?.Config ?? {} };
  config.Runtime ??= 'runc';
  config.CgroupnsMode ??= spec.linux?.namespaces?.some(({ type }) => type === 'cgroup') ? 'private' : 'host';
  for (const key of ['CapAdd', 'CapDrop'] as const) {
    if (record && config[key]) config[key] = normalizeCapabilities(record.HostConfig[key], key);
  }
  config.MaskedPaths ??= spec.linux?.maskedPaths;
  config.ReadonlyPaths ??= spec.linux?.readonlyPaths;
  const { Memory, MemorySwap } = config as { Memory?: number; MemorySwap?: number };
  if (Memory && !MemorySwap) config.MemorySwap = Memory * 2;
  return config as PartialContainerInspect['HostConfig'];
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function configOf(
  engine: Engine,
  container: Container,
  record: DockerRecord | undefined,
  spec: Spec,
): PartialContainerInspect['Config'] {
  const Labels = dockerLabels(container.labels);
  if (record) return { ...record.Config, Labels };
  const { labels } = container;
  return {
    Hostname: labels[label.hostname] ?? '',
    Domainname: labels[label.domainname] ?? '',
    User: labels[label.user] ?? '',
    Tty: spec.process?.terminal ?? false,
    Env: spec.process?.env ?? [],
    Cmd: spec.process?.args ?? [],
    Image: container.image,
    WorkingDir: spec.process?.cwd ?? '',
    ExposedPorts: foreignExposedPorts(engine, container),
    Labels,
    ...(labels[label.stopSignal] ? { StopSignal: labels[label.stopSignal] } : {}),
  };
}

/** Addresses only while the container runs; the networks it is on always. */
function networkSettingsOf(
  engine: Engine,
  container: Container,
  record: DockerRecord | undefined,
  running: boolean,
): PartialContainerInspect['NetworkSettings'] {
  const exposed =
    record?.Config.ExposedPorts ?? jsonLabel<Record<string, object>>(container.labels, label.exposedPorts);
  const names = record ? networksLabel(record.Network) : (jsonLabel<string[]>(container.labels, label.networks) ?? []);
  const shown = names.filter((name) => !/^(container|ns):/.test(name));
  const endpoints = running ? readEndpoints(engine, container.id) : [];
  const requests = record?.Network.kind === 'cni' ? record.Network.endpoints : [];
  const networks = shown.map((name) => {
    const endpoint = endpoints.find(({ network }) => network === name);
    const asked = requests.find((request) => request.name === name);
    const IPAMConfig = asked?.ip || asked?.ip6 ? ipamConfig(asked.ip, asked.ip6) : null;
    const Aliases = asked && asked.aliases.length > 0 ? asked.aliases : null;
    const idle = { NetworkID: networkId(name), IPAMConfig, Aliases };
    return [name, endpoint ? { ...dockerEndpoint(endpoint), IPAMConfig, Aliases } : idle] as const;
  });
  return {
    SandboxID: running ? container.id : '',
    SandboxKey: running && endpoints.length > 0 ? netnsPath(container.id) : '',
    Ports: running ? portMap(publishedPorts(engine, container), exposed ?? {}) : {},
    Networks: Object.fromEntries(networks),
  };
}

function ipamConfig(ip: string | undefined, ip6: string | undefined) {
  return { ...(ip ? { IPv4Address: ip } : {}), ...(ip6 ? { IPv6Address: ip6 } : {}) };
}
