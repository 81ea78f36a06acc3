import { DockerError } from '../../docker/errors.ts';
import type { CopyView } from '../../host/copy-process.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Mount } from '../../runtime/spec/oci.ts';
import { mountPointsOf } from '../mounts/labels.ts';
import { specOf } from './spec-record.ts';

export interface FilesPlan {
  places: CopyView['places'];
  /** Of the container's process. */
  user: { uid: number; gid: number };
  /** @throws DockerError in docker's words where nothing may be written to a directory */
  requireWritable(dir: string): void;
}

/** Which of a container's mounts its files are looked for in, and what may be written to. */
export function planFiles(container: Container, running: boolean): FilesPlan {
  const { mounts = [], root, process } = specOf(container);
  const points = new Map(mountPointsOf(container.labels).map((point) => [point.Destination, point]));
  const isWanted = (mount: Mount) => points.has(mount.destination) || isShown(mount);
  // The content of a tmpfs ends with the container.
  const places = mounts
    .filter(
      (mount) => isWanted(mount) && (running || mount.type !== 'tmpfs' || isVolume(points.get(mount.destination))),
    )
    .sort((a, b) => depth(a.destination) - depth(b.destination));
  return {
    places,
    user: process?.user ?? { uid: 0, gid: 0 },
    requireWritable(dir) {
      const place = places.findLast(({ destination }) => isBelow(dir, destination));
      if (place?.options.includes('ro')) throw new DockerError('invalid', 'mounted volume is marked read-only');
      if (!place && root?.readonly) throw new DockerError('invalid', 'container rootfs is marked read-only');
    },
  };
}

const isVolume = (point: { Type?: string } | undefined) => point?.Type === 'volume';

/** Not what the runtime sets up for every container: docker shows neither processes nor devices. */
function isShown({ destination, type, options }: Mount): boolean {
  if (/^\/(dev|proc|sys)(\/|$)/.test(destination)) return false;
  return type === 'tmpfs' || options.includes('bind') || options.includes('rbind');
}

const depth = (path: string) => path.split('/').filter(Boolean).length;

const isBelow = (path: string, dir: string) => path === dir || path.startsWith(`${dir.replace(/\/$/, '')}/`);
