import { gunzipSync } from 'node:zlib';
import { type Member, tarMembers } from './listing.ts';

interface Descriptor {
  mediaType?: string;
  digest: string;
  platform?: unknown;
  annotations?: Record<string, string>;
}
type Json = Record<string, unknown>;

/** Layers by their digest: most are those of the base, and are the same in every image. */
const listed = new Map<string, string[]>();

async function layerLines(digest: string, blob: Buffer): Promise<string[]> {
  const known = listed.get(digest);
  if (known) return known;
  // Node 20 reads no zstd.
  if (blob.readUInt32LE(0) === 0xfd2fb528) return ['zstd'];
  const plain = blob[0] === 0x1f ? gunzipSync(blob) : blob;
  const lines = (await tarMembers(plain)).map(({ line }) => line);
  listed.set(digest, lines);
  return lines;
}

/** The configuration without what differs between two builds of the same: times, and the digests of what has them. */
function comparableConfig(config: Json): Json {
  const {
    created,
    rootfs,
    history,
    'moby.buildkit.cache.v0': cache,
    ...rest
  } = config as {
    'moby.buildkit.cache.v0'?: string;
    created?: string;
    rootfs?: { diff_ids?: [] };
    history?: Json[];
  };
  return {
    ...rest,
    created: typeof created,
    cache: typeof cache,
    layers: rootfs?.diff_ids?.length,
    history: history?.map(({ created: when, ...line }) => ({ ...line, created: typeof when })),
  };
}

const times = (annotations: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [
      key,
      value.replace(/^\d{4}-.*Z$/, 'TIME').replace(/sha256:\w{64}/, 'DIGEST'),
    ]),
  );

/** The images of an OCI layout or of a docker archive, whose files these are. */
export async function imageView(files: readonly Member[]): Promise<Json> {
  const blobs = new Map(files.map(({ name, data }) => [name, data]));
  const blob = (digest: string) => {
    const data = blobs.get(`blobs/${digest.replace(':', '/')}`);
    if (!data) throw new Error(`no blob ${digest} among ${[...blobs.keys()].join(' ')}`);
    return data;
  };
  const json = <T>(digest: string) => JSON.parse(blob(digest).toString()) as T;

  async function view({ mediaType, digest, platform, annotations }: Descriptor): Promise<Json> {
    const kind = mediaType ?? '';
    const seen: Json = { kind, platform, annotations: times(annotations) };
    if (/index|list/.test(kind)) {
      const index = json<{ manifests: Descriptor[]; annotations?: Record<string, string> }>(digest);
      return { ...seen, own: times(index.annotations), manifests: await Promise.all(index.manifests.map(view)) };
    }
    if (!/manifest/.test(kind)) return seen;
    const manifest = json<{ config: Descriptor; layers: Descriptor[]; annotations?: Record<string, string> }>(digest);
    const isAttestation = annotations?.['vnd.docker.reference.type'] !== undefined;
    const layers = (manifest.layers ?? []).map(async (layer) => ({
      kind: layer.mediaType,
      annotations: times(layer.annotations),
      ...(isAttestation
        ? { statement: provenance(json(layer.digest)) }
        : { files: await layerLines(layer.digest, blob(layer.digest)) }),
    }));
    return {
      ...seen,
      own: times(manifest.annotations),
      config: comparableConfig(json(manifest.config.digest)),
      layers: await Promise.all(layers),
    };
  }

  const { manifests } = JSON.parse(blobs.get('index.json')?.toString() ?? '{}') as { manifests?: Descriptor[] };
  const docker = JSON.parse(blobs.get('manifest.json')?.toString() ?? 'null') as
    | { RepoTags: string[]; Layers: [] }[]
    | null;
  const tags = docker?.map(({ RepoTags, Layers }) => ({ tags: RepoTags, layers: Layers.length }));
  return { manifests: await Promise.all((manifests ?? []).map(view)), ...(tags && { tags }) };
}

/** Of a statement of provenance: what was asked for. The rest is the daemon's, and names times and machines. */
function provenance(statement: Json): unknown {
  const { predicateType, predicate } = statement as { predicateType: string; predicate: Json };
  const { invocation, materials } = predicate as { invocation?: Json; materials?: unknown };
  return { predicateType, keys: Object.keys(predicate), invocation, materials };
}
