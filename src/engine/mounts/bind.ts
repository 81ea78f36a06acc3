import { realpathSync, statSync } from 'node:fs';
import { DockerError } from '../../docker/errors.ts';
import { parseVolumeSpec } from '../../docker/flags/volumes.ts';
import { ensureDir } from '../../host/files.ts';
import { type MountInfo, mountOf, readMountInfo } from '../../host/mountinfo.ts';
import type { Mount } from '../../runtime/spec/oci.ts';
import type { MountPoint } from './labels.ts';

/** A bind of -v makes its source a directory if it is missing; one of --mount demands it. */
export async function requireBindSource(source: string, create: boolean): Promise<void> {
  try {
    statSync(source);
    return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || !create) {
      const reason = code === 'ENOENT' ? `bind source path does not exist: ${source}` : `stat ${source}: ${code}`;
      throw new DockerError('invalid', `invalid mount config for type "bind": ${reason}`);
    }
  }
  try {
    await ensureDir(source);
  } catch (cause) {
    throw new DockerError('system', `error while creating mount source path '${source}': ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Before a later start: sources of -v that have gone (below /run, after a reboot) are made again, as docker does. */
export async function remakeBindSources(binds: readonly string[] | null | undefined): Promise<void> {
  for (const spec of binds ?? []) {
    const { source } = parseVolumeSpec(spec);
    if (source?.startsWith('/')) await requireBindSource(source, true);
  }
}

/**
 * The runtime's mount of a bind.
 * @param recursive `off`: without the mounts below; `readonly`: these are read-only too (Linux 5.12)
 */
export function bindMount(point: MountPoint, recursive?: 'off' | 'readonly'): Mount {
  checkPropagation(point.Source, point.Propagation);
  return {
    destination: point.Destination,
    type: 'bind',
    source: point.Source,
    options: [
      recursive === 'off' ? 'bind' : 'rbind',
      ...(point.RW ? [] : [recursive === 'readonly' ? 'rro' : 'ro']),
      ...(point.Propagation ? [point.Propagation] : []),
    ],
  };
}

function checkPropagation(source: string, propagation: string): void {
  if (!/shared$|slave$/.test(propagation)) return;
  const mount = mountOf(realpathSync(source), readMountInfo());
  const lacking = mount && lackingPropagation(mount, propagation);
  if (lacking) {
    throw new DockerError('invalid', `path ${source} is mounted on ${mount.mountPoint} but it is not ${lacking}`);
  }
}

/** A mount can pass on to the container only what it gets or shares on the host itself: what it would have to be. */
export function lackingPropagation(mount: Pick<MountInfo, 'propagation'>, wanted: string): string | undefined {
  const has = (kind: string) => mount.propagation.some((tag) => tag.startsWith(kind));
  if (has('shared:')) return undefined;
  if (wanted.endsWith('shared')) return 'a shared mount';
  return has('master:') ? undefined : 'a shared or slave mount';
}
