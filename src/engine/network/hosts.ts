import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, removeFile, removeTree, writeFileAtomic, writeInPlace } from '../../host/files.ts';
import { bootId, bootTime, processStat } from '../../host/proc.ts';
import type { Engine } from '../engine.ts';
import { withLock } from './context.ts';
import { type HostsMeta, hostsRegion, mergeHosts, shareNetwork } from './hosts-file.ts';

/** The hosts file that is bind-mounted into a container; its inode never changes. */
export function hostsPath(engine: Engine, id: string): string {
  return join(engine.store.etchosts, id, 'hosts');
}

const metaPath = (engine: Engine, id: string): string => join(engine.store.etchosts, id, 'meta.json');

/** A user's network namespaces end with each RootlessKit. */
function bootOf({ rootless }: Engine): string {
  return rootless ? `${bootId()} ${processStat(rootless.childPid)?.startTime}` : bootId();
}

/** What is known of a container's addresses; undefined when it has none at present: after a reboot nobody has. */
export function readHostsMeta(engine: Engine, id: string): HostsMeta | undefined {
  try {
    const path = metaPath(engine, id);
    const meta = JSON.parse(readFileSync(path, 'utf8')) as HostsMeta;
    const stale = meta.Boot ? meta.Boot !== bootOf(engine) : statSync(path).mtime < bootTime();
    if (stale) return undefined;
    return { ...meta, ID: meta.ID || id, Networks: meta.Networks ?? {} };
  } catch {
    return undefined;
  }
}

export function readAllHostsMeta(engine: Engine): HostsMeta[] {
  let ids: string[];
  try {
    ids = readdirSync(engine.store.etchosts);
  } catch {
    return [];
  }
  return ids.flatMap((id) => (id.startsWith('.') ? [] : (readHostsMeta(engine, id) ?? [])));
}

/** Makes a hosts file without addresses: what is mounted when the container is created. */
export async function createHosts(engine: Engine, meta: HostsMeta, base = ''): Promise<string> {
  const path = hostsPath(engine, meta.ID);
  await ensureDir(join(engine.store.etchosts, meta.ID), 0o700);
  await writeInPlace(path, mergeHosts(existsSync(path) ? readFileSync(path, 'utf8') : base, hostsRegion(meta, [])));
  return path;
}

/** Enters a container's addresses and tells its peers. */
export async function publishHosts(engine: Engine, meta: HostsMeta): Promise<void> {
  await change(engine, meta.ID, async (previous) => {
    await ensureDir(join(engine.store.etchosts, meta.ID), 0o700);
    await writeFileAtomic(metaPath(engine, meta.ID), JSON.stringify({ ...meta, Boot: bootOf(engine) }));
    return [meta, ...(previous ? [previous] : [])];
  });
}

/** Takes a stopped container out of its peers' files. Its own stays: it is mounted again at the next start. */
export async function withdrawHosts(engine: Engine, id: string): Promise<void> {
  if (!existsSync(metaPath(engine, id))) return;
  await change(engine, id, async (previous) => {
    await removeFile(metaPath(engine, id));
    return previous ? [previous] : [];
  });
}

/** When another program has taken an entry away and told nobody. */
export async function refreshHosts(engine: Engine): Promise<void> {
  if (!existsSync(engine.store.etchosts)) return;
  await withLock(engine, engine.store.etchosts, async () => {
    const all = readAllHostsMeta(engine);
    await Promise.all(all.map((meta) => rewrite(engine, meta, all)));
  });
}

/** When a container is removed. */
export async function removeHosts(engine: Engine, id: string): Promise<void> {
  await withdrawHosts(engine, id);
  await removeTree(join(engine.store.etchosts, id));
}

/** A running container keeps its addresses under the new name. */
export async function renameInHosts(engine: Engine, id: string, name: string): Promise<void> {
  if (!existsSync(metaPath(engine, id))) return;
  await change(engine, id, async (previous) => {
    if (!previous) return [];
    const renamed = { ...previous, Name: name };
    await writeFileAtomic(metaPath(engine, id), JSON.stringify(renamed));
    return [renamed];
  });
}

/**
 * One change of the store under its lock, then the files it shows in.
 * @param apply gets the container's entry so far, returns the entries whose networks are affected
 */
async function change(
  engine: Engine,
  id: string,
  apply: (previous: HostsMeta | undefined) => Promise<HostsMeta[]>,
): Promise<void> {
  await ensureDir(engine.store.etchosts, 0o700);
  await withLock(engine, engine.store.etchosts, async () => {
    const affected = await apply(readHostsMeta(engine, id));
    const all = readAllHostsMeta(engine);
    const files = all.filter((meta) => affected.some((other) => meta.ID === other.ID || shareNetwork(meta, other)));
    await Promise.all(files.map((meta) => rewrite(engine, meta, all)));
  });
}

async function rewrite(engine: Engine, meta: HostsMeta, all: readonly HostsMeta[]): Promise<void> {
  const path = hostsPath(engine, meta.ID);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const wanted = mergeHosts(current, hostsRegion(meta, all));
  if (wanted !== current) await writeInPlace(path, wanted);
}
