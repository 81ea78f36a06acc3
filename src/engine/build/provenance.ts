import { randomBytes } from 'node:crypto';
import type { BuildKit } from '../../buildkit/client.ts';
import { type ProvenanceDetail, provenanceJson } from '../../docker/build-provenance.ts';
import type { Timestamp } from '../../gen/google/protobuf/timestamp.ts';
import type { BuildResultInfo, Descriptor, StatusResponse, Vertex } from '../../gen/moby/buildkit/v1/control.ts';
import { Code, isRpcError } from '../../grpc/status.ts';

export interface ProvenanceOptions {
  /** Of the build. */
  ref: string;
  detail: ProvenanceDetail;
  /** It is shown as one more step. */
  onStatus: (status: StatusResponse) => void | Promise<void>;
}

/**
 * What BuildKit has noted of how a build was done, also when no attestation was asked for.
 * @returns by buildx's keys; empty where BuildKit notes nothing
 */
export async function buildProvenance(
  client: BuildKit,
  { ref, detail, onStatus }: ProvenanceOptions,
): Promise<Record<string, string>> {
  let records: Awaited<ReturnType<BuildKit['history']>>;
  try {
    records = await client.history(ref);
  } catch (error) {
    // Before 0.11 there is no such call.
    if (isRpcError(error, Code.UNIMPLEMENTED)) return {};
    throw error;
  }
  const started = now();
  const digest = `sha256:${randomBytes(32).toString('hex')}`;
  const tell = (completed?: Timestamp) => onStatus(stepStatus({ digest, started, completed }));
  await tell();
  const results = records.flatMap(({ Result, Results }): [key: string, result: BuildResultInfo][] => [
    ...(Result ? [['buildx.build.provenance', Result] as [string, BuildResultInfo]] : []),
    ...Object.entries(Results).map(([platform, result]): [string, BuildResultInfo] => [
      `buildx.build.provenance/${platform}`,
      result,
    ]),
  ]);
  const found: Record<string, string> = {};
  for (const [key, { Attestations }] of results) {
    const statement = Attestations.find(isProvenance);
    if (statement) found[key] = provenanceJson(await client.readContent(statement.digest), detail);
  }
  await tell(now());
  return found;
}

const isProvenance = ({ mediaType, annotations }: Descriptor): boolean =>
  mediaType === 'application/vnd.in-toto+json' &&
  (annotations['in-toto.io/predicate-type'] ?? '').startsWith('https://slsa.dev/provenance/');

function stepStatus(step: Pick<Vertex, 'digest' | 'started' | 'completed'>): StatusResponse {
  const name = 'resolving provenance for metadata file';
  const vertex: Vertex = { ...step, name, inputs: [], cached: false, error: '', progressGroup: undefined };
  return { vertexes: [vertex], statuses: [], logs: [], warnings: [] };
}

function now(): Timestamp {
  const at = Date.now();
  return { seconds: Math.floor(at / 1000), nanos: (at % 1000) * 1_000_000 };
}
