import { formatPlatform, normalizePlatform } from '../../docker/platform.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { BuildDaemon } from './daemon.ts';

/** What a BuildKit says of itself. */
export interface BuilderInfo {
  address: string;
  /** Empty where it does not say. */
  version: string;
  platforms: string[];
  labels: Record<string, string>;
  gcPolicies: GcPolicy[];
}

/** Bytes, and a duration in nanoseconds; 0 where the rule says nothing. */
export interface GcPolicy {
  all: boolean;
  filters: string[];
  keepDuration: number;
  reservedSpace: number;
  maxUsedSpace: number;
  minFreeSpace: number;
}

export async function builderInfo({ address, client, workers }: BuildDaemon): Promise<BuilderInfo> {
  const worker = workers[0];
  const platforms = (worker?.platforms ?? []).map(({ OS, Architecture, Variant }) =>
    formatPlatform(normalizePlatform({ os: OS, architecture: Architecture, ...(Variant && { variant: Variant }) })),
  );
  return {
    address,
    version: worker?.BuildkitVersion?.version || (await versionOf(client)),
    platforms: [...new Set(platforms)],
    labels: worker?.Labels ?? {},
    gcPolicies: worker?.GCPolicy ?? [],
  };
}

async function versionOf(client: BuildDaemon['client']): Promise<string> {
  try {
    return (await client.info()).buildkitVersion?.version ?? '';
  } catch (error) {
    // Before 0.12 there is no such call.
    if (isRpcError(error, Code.UNIMPLEMENTED) || isRpcError(error, Code.UNKNOWN)) return '';
    throw error;
  }
}
