import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PluginHost } from '../../cni/plugin.ts';
import { pluginLock, storeLock } from '../../cni/store.ts';
import { ensureDir, writeInPlace } from '../../host/files.ts';
import type { Engine } from '../engine.ts';

/** A plugin that takes longer hangs; DHCP, the slowest, gives up after 10 seconds itself. */
const pluginTimeout = 30_000;

/** What a plugin at work gets to end by itself after Ctrl-C: one that is killed leaves half of its rules. Milliseconds. */
export const pluginGrace = 2_000;

export function pluginHost(engine: Engine): PluginHost {
  return { path: engine.settings.cniPath, timeout: pluginTimeout, inNetwork: engine.rootless?.inNetwork };
}

/** The container ID as CNI sees it: leases and cached results of all namespaces share one directory. */
export function cniId(engine: Engine, id: string): string {
  return `${engine.settings.namespace}-${id}`;
}

/** No plugin of any nerdctl on the machine runs meanwhile. */
export function withPluginLock<T>(engine: Engine, body: () => Promise<T>): Promise<T> {
  return withFileLock(engine, pluginLock(engine.settings.cniNetconfPath), body);
}

/** No network is made or removed meanwhile. */
export function withStoreLock<T>(engine: Engine, body: () => Promise<T>): Promise<T> {
  return withFileLock(engine, storeLock(engine.settings.cniNetconfPath), body);
}

async function withFileLock<T>(engine: Engine, path: string, body: () => Promise<T>): Promise<T> {
  if (!existsSync(path)) {
    await ensureDir(dirname(path), 0o755);
    await writeInPlace(path, '', 0o600);
  }
  return withLock(engine, path, body);
}

/** Holds the flock of an existing file or directory. */
export async function withLock<T>(engine: Engine, path: string, body: () => Promise<T>): Promise<T> {
  const lock = await engine.host.lock(path);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}
