import type { CacheFilter } from '../../docker/flags/build-cache-filters.ts';
import type { BuildCacheRow } from '../../docker/views/build-cache-list.ts';
import type { UsageRecord } from '../../gen/moby/buildkit/v1/control.ts';
import type { Engine } from '../engine.ts';
import { type BuildDaemon, openDaemon } from './daemon.ts';
import type { Env } from './daemon-places.ts';

/** What BuildKit keeps for later builds. */
export async function buildCache({ client }: BuildDaemon, filter: readonly string[] = []): Promise<BuildCacheRow[]> {
  return (await client.diskUsage([...filter])).map(rowOf);
}

/**
 * The same of the BuildKit that builds would use, if it answers within some milliseconds.
 * @returns undefined where there is none, or where it takes its time
 */
export async function buildCacheWithin(
  engine: Engine,
  env: Env,
  patience: number,
): Promise<BuildCacheRow[] | undefined> {
  let daemon: BuildDaemon | undefined;
  const late = AbortSignal.timeout(patience);
  const gaveUp = new Promise<undefined>((resolve) => late.addEventListener('abort', () => resolve(undefined)));
  try {
    daemon = await openDaemon(engine, { host: '', env, patience });
    return await Promise.race([buildCache(daemon), gaveUp]);
  } catch {
    return undefined;
  } finally {
    daemon?.client.close();
  }
}

export interface PruneOptions extends CacheFilter {
  /** Internal records and images of frontends, too. */
  all: boolean;
  /** Bytes; 0 asks for nothing. */
  reservedSpace: number;
  maxUsedSpace: number;
  minFreeSpace: number;
}

/** Gives each record out as it is removed. */
export async function* pruneCache({ client }: BuildDaemon, options: PruneOptions): AsyncGenerator<BuildCacheRow> {
  for await (const record of client.prune({ ...options })) yield rowOf(record);
}

function rowOf(record: UsageRecord): BuildCacheRow {
  const { CreatedAt, LastUsedAt, Parents, Parent } = record;
  return {
    ...record,
    // BuildKit before 0.9 knows one.
    Parents: Parents.length > 0 || Parent === '' ? Parents : [Parent],
    CreatedAt: CreatedAt ? goTime(CreatedAt) : '',
    LastUsedAt: LastUsedAt && LastUsedAt.seconds * 1000 + Math.trunc(LastUsedAt.nanos / 1e6),
  };
}

/** `2024-01-02 03:04:05.678901234 +0000 UTC` */
function goTime({ seconds, nanos }: { seconds: number; nanos: number }): string {
  const [date, time] = new Date(seconds * 1000).toISOString().split('T');
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date} ${time?.slice(0, 8)}${fraction} +0000 UTC`;
}
