import { DockerError } from '../../docker/errors.ts';
import type { MountSpec } from '../../docker/flags/mount.ts';
import { cleanPath, parseVolumeMode, parseVolumeSpec } from '../../docker/flags/volumes.ts';
import { anonymous } from '../volume/create.ts';
import { anonymousLabel, type VolumeInit } from '../volume/store.ts';
import type { MountPoint } from './labels.ts';
import { checkMountSpec } from './mount-spec.ts';
import type { MountRequest } from './resolve.ts';
import { tmpfsOptionsOf } from './tmpfs.ts';

/** What is to be mounted at a destination. */
export type Planned =
  | { kind: 'bind'; point: MountPoint; create: boolean; recursive?: 'off' | 'readonly' }
  | { kind: 'volume'; point: MountPoint; init: VolumeInit; copy: boolean }
  | { kind: 'tmpfs'; destination: string; options: string[]; point?: MountPoint };

/** What the flags ask for, in the order in which one may replace the other; nothing is made. */
export function planMounts(request: Pick<MountRequest, 'hostConfig' | 'volumes'>, inherited: Planned[]): Planned[] {
  const { hostConfig } = request;
  const plan = new Map(inherited.map((entry) => [destinationOf(entry), entry]));
  const own = new Set<string>();
  const add = (entry: Planned) => {
    const destination = destinationOf(entry);
    if (own.has(destination)) throw new DockerError('invalid', `Duplicate mount point: ${destination}`);
    own.add(destination);
    plan.set(destination, entry);
  };
  for (const [path, options] of Object.entries(hostConfig.Tmpfs ?? {})) {
    add({ kind: 'tmpfs', destination: tmpfsDestination(path), options: options.split(',').filter(Boolean) });
  }
  for (const spec of new Set(hostConfig.Binds ?? [])) add(planBind(spec, hostConfig.VolumeDriver));
  for (const spec of (hostConfig.Mounts ?? []) as MountSpec[]) add(planMount(spec));
  for (const path of Object.keys(request.volumes ?? {})) {
    const { target } = parseVolumeSpec(path);
    if (!plan.has(target)) plan.set(target, planVolume(target, '', { driver: hostConfig.VolumeDriver }));
  }
  return [...plan.values()];
}

function destinationOf(entry: Planned): string {
  return entry.kind === 'tmpfs' ? entry.destination : entry.point.Destination;
}

function tmpfsDestination(path: string): string {
  if (!path.startsWith('/')) {
    throw new DockerError('invalid', `invalid mount path: '${path}' mount path must be absolute`);
  }
  const destination = cleanPath(path);
  if (destination === '/') throw new DockerError('invalid', "invalid specification: destination can't be '/'");
  return destination;
}

function planBind(spec: string, driver: string | undefined): Planned {
  const { source, target, mode } = parseVolumeSpec(spec);
  const { readOnly, noCopy, propagation } = parseVolumeMode(mode);
  const refuse = (type: string, field: string) => {
    throw new DockerError(
      'invalid',
      `invalid volume specification: '${spec}': invalid mount config for type "${type}": field ${field} must not be specified`,
    );
  };
  if (source?.startsWith('/')) {
    if (noCopy) refuse('bind', 'VolumeOptions');
    const point = bindPoint(source, target, mode, !readOnly, propagation);
    return { kind: 'bind', point, create: true };
  }
  if (propagation) refuse('volume', 'BindOptions');
  return planVolume(target, mode, { driver }, { name: source, readOnly, noCopy });
}

function planMount(spec: MountSpec): Planned {
  checkMountSpec(spec);
  const target = cleanPath(spec.Target);
  const readOnly = spec.ReadOnly === true;
  if (spec.Type === 'bind') {
    const { Propagation, CreateMountpoint, NonRecursive, ReadOnlyForceRecursive } = spec.BindOptions ?? {};
    const point = bindPoint(cleanPath(spec.Source ?? ''), target, '', !readOnly, Propagation);
    const recursive = NonRecursive ? 'off' : readOnly && ReadOnlyForceRecursive ? 'readonly' : undefined;
    return { kind: 'bind', point, create: CreateMountpoint === true, recursive };
  }
  if (spec.Type === 'tmpfs') {
    const point = { Type: 'tmpfs', Source: '', Destination: target, Mode: '', RW: !readOnly, Propagation: '' };
    return { kind: 'tmpfs', destination: target, options: tmpfsOptionsOf(spec), point };
  }
  const { NoCopy, Labels, DriverConfig } = spec.VolumeOptions ?? {};
  const init = { labels: Labels, driver: DriverConfig?.Name, options: DriverConfig?.Options };
  return planVolume(target, '', init, { name: spec.Source, readOnly, noCopy: NoCopy });
}

function bindPoint(Source: string, Destination: string, Mode: string, RW: boolean, propagation?: string): MountPoint {
  return { Type: 'bind', Source, Destination, Mode, RW, Propagation: propagation || 'rprivate' };
}

function planVolume(
  destination: string,
  mode: string,
  init: Omit<VolumeInit, 'name'>,
  use: { name?: string; readOnly?: boolean; noCopy?: boolean } = {},
): Planned {
  const volume: VolumeInit = use.name ? { ...init, name: use.name } : anonymous(init);
  const point: MountPoint = {
    Type: 'volume',
    Name: volume.name,
    Source: '',
    Destination: destination,
    Driver: 'local',
    // docker's shared SELinux label, which it shows even without SELinux
    Mode: mode || (use.name ? 'z' : ''),
    RW: use.readOnly !== true,
    Propagation: '',
  };
  return { kind: 'volume', point, init: volume, copy: use.noCopy !== true };
}

/** A mount of another container, for --volumes-from. */
export function planInherited(from: MountPoint, readOnly: boolean): Planned {
  const point = { ...from, RW: from.RW && !readOnly, ...(readOnly ? { Mode: 'ro' } : {}) };
  if (from.Type === 'volume' && from.Name) return { kind: 'volume', point, init: { name: from.Name }, copy: false };
  if (from.Type === 'tmpfs') {
    return { kind: 'tmpfs', destination: from.Destination, options: point.RW ? [] : ['ro'], point };
  }
  return { kind: 'bind', point, create: true };
}

/** The volumes of a plan that have no name of the user's. */
export function namelessVolumes(plan: readonly Planned[]): string[] {
  return plan.flatMap((entry) => (entry.kind === 'volume' && isAnonymous(entry.init) ? [entry.init.name] : []));
}

export function isAnonymous(init: VolumeInit): boolean {
  return init.labels?.[anonymousLabel] !== undefined;
}
