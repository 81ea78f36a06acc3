import { type ConfigView, configView } from './container-config.ts';
import { type ContainerState, containerState } from './container-state.ts';
import { fill } from './fill.ts';
import { type HostConfigView, hostConfigView } from './host-config.ts';
import { type NetworkSettingsView, networkSettingsView } from './network-settings.ts';

/** An entry of `Mounts`. */
export interface MountPoint {
  /** bind, volume, tmpfs, image. */
  Type: string;
  /** Of volumes. */
  Name?: string;
  Source: string;
  Destination: string;
  /** Of volumes: `local`. */
  Driver?: string;
  /** As typed: `ro,z`. */
  Mode: string;
  RW: boolean;
  Propagation: string;
}

export function mountPoint(given: Partial<MountPoint>): MountPoint {
  const zero: MountPoint = {
    Type: '',
    Name: undefined,
    Source: '',
    Destination: '',
    Driver: undefined,
    Mode: '',
    RW: false,
    Propagation: '',
  };
  return fill({ name: 'container.MountPoint', nils: { Name: 'string', Driver: 'string' } }, zero, given);
}

/** What `inspect` shows of a container (`GET /containers/ID/json`). */
export interface ContainerInspect {
  Id: string;
  /** RFC 3339. */
  Created: string;
  Path: string;
  Args: string[];
  State: ContainerState;
  /** The image's ID. */
  Image: string;
  ResolvConfPath: string;
  HostnamePath: string;
  HostsPath: string;
  LogPath: string;
  /** With the leading slash. */
  Name: string;
  RestartCount: number;
  /** The snapshotter. */
  Driver: string;
  Platform: string;
  MountLabel: string;
  ProcessLabel: string;
  AppArmorProfile: string;
  ExecIDs: string[] | null;
  HostConfig: HostConfigView;
  GraphDriver: { Data: Record<string, string> | null; Name: string };
  /** Only with -s; bytes. */
  SizeRw?: number;
  SizeRootFs?: number;
  Mounts: MountPoint[];
  Config: ConfigView;
  NetworkSettings: NetworkSettingsView;
}

/** Parts that may be incomplete: each is filled with docker's zero values. */
export type PartialContainerInspect = Partial<
  Omit<ContainerInspect, 'State' | 'HostConfig' | 'Mounts' | 'Config' | 'NetworkSettings'>
> & {
  State?: Partial<ContainerState>;
  HostConfig?: Parameters<typeof hostConfigView>[0];
  Mounts?: Partial<MountPoint>[];
  Config?: Partial<ConfigView>;
  NetworkSettings?: Parameters<typeof networkSettingsView>[0];
};

export function containerInspect(given: PartialContainerInspect): ContainerInspect {
  const State = containerState(given.State);
  const HostConfig = hostConfigView(given.HostConfig);
  const Mounts = (given.Mounts ?? []).map(mountPoint);
  const Config = configView(given.Config);
  const NetworkSettings = networkSettingsView(given.NetworkSettings);
  const zero: ContainerInspect = {
    Id: '',
    Created: '',
    Path: '',
    Args: [],
    State,
    Image: '',
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: '',
    Name: '',
    RestartCount: 0,
    Driver: '',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig,
    GraphDriver: { Data: null, Name: '' },
    SizeRw: undefined,
    SizeRootFs: undefined,
    Mounts,
    Config,
    NetworkSettings,
  };
  const parts = { State, HostConfig, Mounts, Config, NetworkSettings };
  return fill({ name: '*container.InspectResponse', nils: { ExecIDs: '[]string' } }, zero, { ...given, ...parts });
}
