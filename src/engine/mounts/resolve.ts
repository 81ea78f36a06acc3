import { readdirSync } from 'node:fs';
import { parseVolumeMode, parseVolumesFrom } from '../../docker/flags/volumes.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';
import type { Mount } from '../../runtime/spec/oci.ts';
import { findContainer } from '../container/find.ts';
import type { Engine } from '../engine.ts';
import { localOptionsMount } from '../volume/options.ts';
import { deleteVolume } from '../volume/remove.ts';
import { anonymousLabel, ensureVolume, lockVolumes } from '../volume/store.ts';
import { bindMount, requireBindSource } from './bind.ts';
import type { CopyUp } from './copy-up.ts';
import { type MountPoint, mountLabels, mountPointsOf } from './labels.ts';
import { isAnonymous, namelessVolumes, type Planned, planInherited, planMounts } from './plan.ts';
import { tmpfsMount } from './tmpfs.ts';

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
    const nameless = namelessVolumes(plan);
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

async function volumesFrom(engine: Engine, hostConfig: HostConfig): Promise<Planned[]> {
  const wanted = ((hostConfig.VolumesFrom ?? []) as string[]).map(parseVolumesFrom);
  const containers = await Promise.all(wanted.map(({ container }) => findContainer(engine, container)));
  return containers.flatMap(({ labels }, index) => {
    const { readOnly } = parseVolumeMode(wanted[index]?.mode ?? '');
    return mountPointsOf(labels).map((point) => planInherited(point, readOnly));
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
