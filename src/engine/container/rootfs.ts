import { join } from 'node:path';
import { ensureDir, removeTree } from '../../host/files.ts';
import type { Mount } from '../../runtime/snapshots.ts';
import type { Engine } from '../engine.ts';

/** Where a root filesystem is mounted for the time of a create. */
export function rootfsDir(stateDir: string): string {
  return join(stateDir, 'rootfs');
}

/** Runs `body` with a container's root filesystem mounted below its state directory. */
export async function withRootfs<T>(
  engine: Engine,
  stateDir: string,
  mounts: Mount[],
  body: (path: string) => Promise<T>,
): Promise<T> {
  const target = rootfsDir(stateDir);
  await ensureDir(target, 0o700);
  try {
    for (const { type, source, options } of mounts) await engine.host.mount({ type, source, target, options });
    return await body(target);
  } finally {
    await engine.host.unmount(target);
    await removeTree(target);
  }
}
