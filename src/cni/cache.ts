import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, removeFile, removeHalfWritten, writeFileAtomic } from '../host/files.ts';
import type { ConfList } from './conflist.ts';
import { type CniResult, normaliseResult } from './result.ts';

/** libcni's directory: Go nerdctl, CRI and podman keep theirs there too. */
export const cacheDir = '/var/lib/cni';

/** What was asked for at ADD and what came out of it, in libcni's file format (`cniCacheV1`). */
export interface CachedAttachment {
  containerId: string;
  ifName: string;
  networkName: string;
  /** The configuration at that time: DEL works after the network was removed or changed. */
  config?: ConfList;
  cniArgs: [string, string][];
  capabilityArgs: Record<string, unknown>;
  result?: CniResult;
  /** The rules are ours, not the plugins': in a key that libcni passes over. */
  ownRules?: boolean;
}

function cacheFile(dir: string, networkName: string, containerId: string, ifName: string): string {
  return join(dir, 'results', `${networkName}-${containerId}-${ifName}`);
}

export async function writeCache(attachment: CachedAttachment, dir = cacheDir): Promise<void> {
  const { containerId, ifName, networkName, config, cniArgs, capabilityArgs, result, ownRules } = attachment;
  await ensureDir(join(dir, 'results'), 0o700);
  const file = {
    kind: 'cniCacheV1',
    containerId,
    config: Buffer.from(JSON.stringify(config ?? {})).toString('base64'),
    ifName,
    networkName,
    cniArgs,
    capabilityArgs,
    result,
    nerdctlRules: ownRules,
  };
  await writeFileAtomic(cacheFile(dir, networkName, containerId, ifName), JSON.stringify(file), 0o600);
}

/** Undefined where there is none, or none that can be understood. */
export function readCache(
  networkName: string,
  containerId: string,
  ifName: string,
  dir = cacheDir,
): CachedAttachment | undefined {
  return readCacheFile(cacheFile(dir, networkName, containerId, ifName));
}

/** Everything one container is, or was, attached to. */
export function readCachesOf(containerId: string, dir = cacheDir): CachedAttachment[] {
  const names = listCaches(dir);
  removeHalfWritten(join(dir, 'results'), names);
  return names
    .filter((name) => name.includes(`-${containerId}-`))
    .flatMap((name) => readCacheFile(join(dir, 'results', name)) ?? [])
    .filter((cached) => cached.containerId === containerId);
}

function listCaches(dir: string): string[] {
  try {
    return readdirSync(join(dir, 'results'));
  } catch {
    return [];
  }
}

export async function removeCache(
  networkName: string,
  containerId: string,
  ifName: string,
  dir = cacheDir,
): Promise<void> {
  await removeFile(cacheFile(dir, networkName, containerId, ifName));
}

function readCacheFile(path: string): CachedAttachment | undefined {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    // Before 1.0, libcni cached the bare result.
    if (file.kind !== 'cniCacheV1') return undefined;
    return {
      containerId: String(file.containerId),
      ifName: String(file.ifName),
      networkName: String(file.networkName),
      config: decodeConfig(file.config),
      cniArgs: Array.isArray(file.cniArgs) ? (file.cniArgs as [string, string][]) : [],
      capabilityArgs: (file.capabilityArgs ?? {}) as Record<string, unknown>,
      result: normaliseResult(file.result),
      ownRules: file.nerdctlRules === true,
    };
  } catch {
    return undefined;
  }
}

function decodeConfig(value: unknown): ConfList | undefined {
  if (typeof value !== 'string') return undefined;
  const config = JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as ConfList;
  return Array.isArray(config.plugins) ? config : undefined;
}
