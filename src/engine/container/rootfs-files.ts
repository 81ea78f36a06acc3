import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../../runtime/snapshots.ts';

/**
 * A small file of a container's root filesystem, read straight from the layers of its overlay or bind mount, without
 * mounting it. Undefined where there is no such file, or only a look at the mounted tree could tell (symbolic links).
 */
export function readRootfsFile(mounts: Mount[], path: string): string | undefined {
  for (const layer of layerDirs(mounts)) {
    const found = lookIn(layer, path);
    if (found === 'absent') continue;
    return found === 'hidden' ? undefined : found.text;
  }
  return undefined;
}

/** Top first. */
function layerDirs(mounts: Mount[]): string[] {
  const mount = mounts[0];
  if (mounts.length !== 1 || !mount) return [];
  if (mount.type === 'bind') return [mount.source];
  if (mount.type !== 'overlay') return [];
  const option = (name: string) => mount.options.find((o) => o.startsWith(`${name}=`))?.slice(name.length + 1);
  const upper = option('upperdir');
  return [...(upper ? [upper] : []), ...(option('lowerdir')?.split(':') ?? [])];
}

function lookIn(layer: string, path: string): 'absent' | 'hidden' | { text: string } {
  let at = layer;
  const parts = path.split('/').filter(Boolean);
  for (const [i, part] of parts.entries()) {
    at = join(at, part);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (!stat) return 'absent';
    const last = i === parts.length - 1;
    if (stat.isFile() && last) return { text: readFileSync(at, 'utf8') };
    // a whiteout (character device 0:0), a link or anything else that is in the way
    if (!stat.isDirectory() || last) return 'hidden';
  }
  return 'absent';
}
