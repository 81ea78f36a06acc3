import type { HostConfig } from 'dockerode';
import { asStruct } from '../template/values.ts';
import { fill } from './fill.ts';

/** `HostConfig` of inspect: every field of Docker 20.10's API in its order, and what later ones added where it is used. */
export type HostConfigView = ReturnType<typeof zeroHostConfig>;

const optional = <T>(): T | undefined => undefined;
const nullable = <T>(): T | null => null;

function zeroHostConfig() {
  return {
    Binds: nullable<string[]>(),
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} as Record<string, string> },
    NetworkMode: 'default',
    PortBindings: {} as Record<string, { HostIp: string; HostPort: string }[] | null>,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: false,
    VolumeDriver: '',
    VolumesFrom: nullable<string[]>(),
    CapAdd: nullable<string[]>(),
    CapDrop: nullable<string[]>(),
    CgroupnsMode: 'private',
    Dns: [] as string[] | null,
    DnsOptions: [] as string[] | null,
    DnsSearch: [] as string[] | null,
    ExtraHosts: nullable<string[]>(),
    GroupAdd: nullable<string[]>(),
    IpcMode: 'private',
    Cgroup: '',
    Links: nullable<string[]>(),
    OomScoreAdj: 0,
    PidMode: '',
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: false,
    SecurityOpt: nullable<string[]>(),
    StorageOpt: optional<Record<string, string>>(),
    Tmpfs: optional<Record<string, string>>(),
    UTSMode: '',
    UsernsMode: '',
    /** Bytes. */
    ShmSize: 67_108_864,
    Sysctls: optional<Record<string, string>>(),
    Runtime: '',
    ConsoleSize: [0, 0],
    Annotations: optional<Record<string, string>>(),
    Isolation: '',
    CpuShares: 0,
    /** Bytes. */
    Memory: 0,
    /** CPUs times 1e9. */
    NanoCpus: 0,
    CgroupParent: '',
    BlkioWeight: 0,
    BlkioWeightDevice: [] as object[] | null,
    BlkioDeviceReadBps: [] as object[] | null,
    BlkioDeviceWriteBps: [] as object[] | null,
    BlkioDeviceReadIOps: [] as object[] | null,
    BlkioDeviceWriteIOps: [] as object[] | null,
    CpuPeriod: 0,
    CpuQuota: 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: '',
    CpusetMems: '',
    Devices: [] as object[] | null,
    DeviceCgroupRules: nullable<string[]>(),
    DeviceRequests: nullable<object[]>(),
    KernelMemory: 0,
    KernelMemoryTCP: 0,
    MemoryReservation: 0,
    /** Bytes of memory and swap together; -1 is unlimited. */
    MemorySwap: 0,
    MemorySwappiness: nullable<number>(),
    OomKillDisable: false as boolean | null,
    PidsLimit: nullable<number>(),
    Ulimits: [] as object[] | null,
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    Mounts: optional<object[]>(),
    MaskedPaths: nullable<string[]>(),
    ReadonlyPaths: nullable<string[]>(),
    Init: optional<boolean>(),
  };
}

const lists = [
  'Binds',
  'VolumesFrom',
  'CapAdd',
  'CapDrop',
  'Dns',
  'DnsOptions',
  'DnsSearch',
  'ExtraHosts',
  'GroupAdd',
  'Links',
  'SecurityOpt',
  'BlkioWeightDevice',
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
  'Devices',
  'DeviceCgroupRules',
  'DeviceRequests',
  'Ulimits',
  'Mounts',
  'MaskedPaths',
  'ReadonlyPaths',
];
const maps = ['PortBindings', 'StorageOpt', 'Tmpfs', 'Sysctls', 'Annotations'];
const nils = Object.fromEntries([
  ...lists.map((name) => [name, '[]string']),
  ...maps.map((name) => [name, 'map[string]string']),
]);

/** The host configuration of a create body, or of what the engine kept of it, with docker's zero values for the rest. */
export function hostConfigView(given: Partial<HostConfigView> | HostConfig = {}): HostConfigView {
  const view = fill({ name: '*container.HostConfig', nils }, zeroHostConfig(), given as Partial<HostConfigView>);
  view.LogConfig = asStruct({ name: 'container.LogConfig' }, { ...view.LogConfig });
  view.RestartPolicy = asStruct({ name: 'container.RestartPolicy' }, { ...view.RestartPolicy });
  view.PortBindings = Object.fromEntries(
    Object.entries(view.PortBindings ?? {}).map(([port, list]) => [port, list?.map(portBinding) ?? list]),
  );
  return view;
}

/** `{HostIp, HostPort}` as a struct. */
export function portBinding({ HostIp = '', HostPort = '' }: { HostIp?: string; HostPort?: string }) {
  return asStruct({ name: 'nat.PortBinding' }, { HostIp, HostPort });
}
