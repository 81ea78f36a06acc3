import { readdirSync } from 'node:fs';
import { DockerError } from '../../docker/errors.ts';
import type { MountSpec } from '../../docker/flags/mount.ts';
import { cleanPath, parseVolumeMode, parseVolumeSpec, parseVolumesFrom } from '../../docker/flags/volumes.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';
import type { Mount } from '../../runtime/spec/oci.ts';
import { findContainer } from '../container/find.ts';
import type { Engine } from '../engine.ts';
import { anonymous } from '../volume/create.ts';
import { localOptionsMount } from '../volume/options.ts';
import { deleteVolume } from '../volume/remove.ts';
import { anonymousLabel, ensureVolume, lockVolumes, type VolumeInit } from '../volume/store.ts';
import { bindMount, requireBindSource } from './bind.ts';
import type { CopyUp } from './copy-up.ts';
import { type MountPoint, mountLabels, mountPointsOf } from './labels.ts';
import { checkMountSpec } from './mount-spec.ts';
import { tmpfsMount, tmpfsOptionsOf } from './tmpfs.ts';

export interface MountRequest {
  hostConfig: HostConfig;
  /** `Config.Volumes` after the merge with the image's: mount points that get a volume without a name. */
  volumes: Record<string, object> | null;
  /** Called with the names of the nameless volumes before the first of them is made, if there are any. */
  announce?: (anonymous: string[]) => Promise<void>;
}

export interface ResolvedMounts {
  /** For the OCI spec. */
  mounts: Mount[];
  /** For `inspect`: --tmpfs is not among them, as in docker. */
  points: MountPoint[];
  /** `nerdctl/mounts.N` and `nerdctl/anonymous-volumes`. */
  labels: Record<string, string>;
  /** Names of the volumes that `rm -v` and --rm take along. */
  anonymous: string[];
  /** Empty volumes that take over what the image has at their place. Only when there are any does the rootfs need a mount. */
  copyUps: CopyUp[];
  /** Removes the nameless volumes again. */
  undo(): Promise<void>;
  /** Lets others remove volumes: call it once the container record exists or has failed. Twice is no error. */
  release(): Promise<void>;
}

/**
 * Turns --volumes-from, -v, --mount, --tmpfs and the image's volumes into mounts, making volumes and the missing
 * sources of binds. What comes later in that order replaces what --volumes-from brought; image volumes yield to all.
 * @throws DockerError, with nothing left locked and no nameless volume left behind
 */
export async function resolveMounts(engine: Engine, request: MountRequest): Promise<ResolvedMounts> {
  const plan = planMounts(request, await volumesFrom(engine, request.hostConfig));
  const needsVolumes = plan.some((entry) => entry.kind === 'volume');
  const lock = needsVolumes ? await lockVolumes(engine, 'shared') : undefined;
  const made: string[] = [];
  let locked = lock !== undefined;
  const release = async () => {
    if (!locked) return;
    locked = false;
    await lock?.release();
  };
  const undo = async () => {
    for (const name of made) await deleteVolume(engine, name);
  };
  try {
    const nameless = plan.flatMap((entry) =>
      entry.kind === 'volume' && isAnonymous(entry.init) ? [entry.init.name] : [],
    );
    if (nameless.length > 0) await request.announce?.(nameless);
    const result: ResolvedMounts = { mounts: [], points: [], labels: {}, anonymous: made, copyUps: [], undo, release };
    for (const entry of plan) await realize(engine, entry, result, made);
    result.labels = {
      ...mountLabels(result.points),
      ...(made.length > 0 ? { [anonymousLabel]: JSON.stringify(made) } : {}),
    };
    return result;
  } catch (error) {
    await undo().catch(() => {});
    await release();
    throw error;
  }
}

function isAnonymous(init: VolumeInit): boolean {
  return init.labels?.[anonymousLabel] !== undefined;
}

/** What is to be mounted at a destination. */
type Planned =
  | { kind: 'bind'; point: MountPoint; create: boolean; recursive?: 'off' | 'readonly' }
  | { kind: 'volume'; point: MountPoint; init: VolumeInit; copy: boolean }
  | { kind: 'tmpfs'; destination: string; options: string[]; point?: MountPoint };

function planMounts(request: MountRequest, inherited: Planned[]): Planned[] {
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

async function volumesFrom(engine: Engine, hostConfig: HostConfig): Promise<Planned[]> {
  const wanted = ((hostConfig.VolumesFrom ?? []) as string[]).map(parseVolumesFrom);
  const containers = await Promise.all(wanted.map(({ container }) => findContainer(engine, container)));
  return containers.flatMap((container, index) => {
    const { readOnly } = parseVolumeMode(wanted[index]?.mode ?? '');
    return mountPointsOf(container.labels).map((from): Planned => {
      const point = { ...from, RW: from.RW && !readOnly, ...(readOnly ? { Mode: 'ro' } : {}) };
      if (from.Type === 'volume' && from.Name) return { kind: 'volume', point, init: { name: from.Name }, copy: false };
      if (from.Type === 'tmpfs') {
        return { kind: 'tmpfs', destination: from.Destination, options: point.RW ? [] : ['ro'], point };
      }
      return { kind: 'bind', point, create: true };
    });
  });
}

async function realize(engine: Engine, entry: Planned, result: ResolvedMounts, made: string[]): Promise<void> {
  if (entry.kind === 'tmpfs') {
    result.mounts.push(tmpfsMount(entry.destination, entry.options));
    if (entry.point) result.points.push(entry.point);
    return;
  }
  if (entry.kind === 'bind') {
    await requireBindSource(entry.point.Source, entry.create);
    result.mounts.push(bindMount(entry.point, entry.recursive));
    result.points.push(entry.point);
    return;
  }
  await realizeVolume(engine, entry, result, made);
}

async function realizeVolume(
  engine: Engine,
  entry: Extract<Planned, { kind: 'volume' }>,
  result: ResolvedMounts,
  made: string[],
): Promise<void> {
  const { volume, created } = await ensureVolume(engine, entry.init);
  if (created && isAnonymous(entry.init)) made.push(volume.Name);
  const destination = entry.point.Destination;
  const access = entry.point.RW ? [] : ['ro'];
  if (volume.Options) {
    const mount = localOptionsMount(volume.Options);
    result.mounts.push({ destination, ...mount, options: [...mount.options, ...access] });
  } else {
    result.mounts.push({ destination, type: 'bind', source: volume.Mountpoint, options: ['rbind', ...access] });
    if (entry.copy && readdirSync(volume.Mountpoint).length === 0) {
      result.copyUps.push({ volume: volume.Name, data: volume.Mountpoint, destination });
    }
  }
  result.points.push({ ...entry.point, Source: volume.Mountpoint });
}
