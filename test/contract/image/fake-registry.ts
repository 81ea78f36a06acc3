import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A handler answers a request itself (true), or leaves it to the registry. */
export type Misbehaviour = (request: http.IncomingMessage, response: http.ServerResponse, nth: number) => boolean;

export interface FakeRegistry {
  host: string;
  requests: { method: string; url: string; headers: http.IncomingHttpHeaders }[];
  blobs: Map<string, Buffer>;
  /** By tag and digest. */
  manifests: Map<string, { type: string; bytes: Buffer }>;
  misbehave?: Misbehaviour;
  close(): Promise<void>;
}

/** The pull side of the distribution API with Range, and a hook to misbehave in. */
export async function fakeRegistry(): Promise<FakeRegistry> {
  const counts = new Map<string, number>();
  const server = http.createServer((request, response) => {
    const url = request.url ?? '';
    registry.requests.push({ method: request.method ?? '', url, headers: request.headers });
    const nth = (counts.get(url) ?? 0) + 1;
    counts.set(url, nth);
    if (registry.misbehave?.(request, response, nth)) return;
    if (url.includes('/tags/list')) return sendTags(registry, url, response);
    const [, kind, name = ''] = /\/(manifests|blobs)\/([^/?]+)/.exec(url) ?? [];
    const manifest = kind === 'manifests' ? registry.manifests.get(name) : undefined;
    const blob = kind === 'blobs' ? registry.blobs.get(name) : undefined;
    if (manifest) {
      const headers = { 'content-type': manifest.type, 'docker-content-digest': digestOf(manifest.bytes) };
      response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : manifest.bytes);
    } else if (blob) {
      const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${start}-${blob.length - 1}/${blob.length}` };
      const rest = blob.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, ...(start > 0 && range) }).end(rest);
    } else {
      const code = kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN';
      const errors = [{ code, message: code.toLowerCase().replace('_', ' ') }];
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: FakeRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    blobs: new Map(),
    manifests: new Map(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

/** Two tags a page. */
function sendTags(registry: FakeRegistry, url: string, response: http.ServerResponse): void {
  const { pathname, searchParams } = new URL(url, `http://${registry.host}`);
  const all = [...registry.manifests.keys()].filter((name) => !name.startsWith('sha256:')).sort();
  const rest = all.filter((tag) => tag > (searchParams.get('last') ?? ''));
  const tags = rest.slice(0, 2);
  const link = { link: `<${pathname}?last=${tags.at(-1)}&n=2>; rel="next"` };
  response.writeHead(200, rest.length > 2 ? link : {}).end(JSON.stringify({ name: 'app', tags }));
}

export interface TestImage {
  digest: string;
  config: string;
  layers: string[];
}

/** Puts an image into the registry; of a layer that is a number it makes as many random bytes. */
export function addImage(
  registry: FakeRegistry,
  tag: string,
  layers: readonly (number | Buffer)[] = [200_000, 100],
  architecture = 'amd64',
): TestImage {
  const plain = layers.map((layer) => (typeof layer === 'number' ? randomBytes(layer) : layer));
  const zipped = plain.map((bytes) => gzipSync(bytes, { level: 1 }));
  const rootfs = { type: 'layers', diff_ids: plain.map(digestOf) };
  const config = Buffer.from(
    JSON.stringify({ architecture, os: 'linux', created: '2024-01-01T00:00:00Z', config: {}, rootfs }),
  );
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: zipped.map((bytes) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: digestOf(bytes),
        size: bytes.length,
      })),
    }),
  );
  for (const bytes of [config, ...zipped]) registry.blobs.set(digestOf(bytes), bytes);
  for (const name of [tag, digestOf(manifest)]) registry.manifests.set(name, { type, bytes: manifest });
  return { digest: digestOf(manifest), config: digestOf(config), layers: zipped.map(digestOf) };
}

const unknownPlatform = { os: 'unknown', architecture: 'unknown' };

/** What BuildKit says about an image: a manifest whose layer is no file system. */
function addAttestation(registry: FakeRegistry, about: TestImage): TestImage {
  const config = Buffer.from(
    JSON.stringify({ ...unknownPlatform, config: {}, rootfs: { type: 'layers', diff_ids: [] } }),
  );
  const statement = Buffer.from(
    JSON.stringify({ subject: [{ digest: about.digest }], nonce: randomBytes(8).toString('hex') }),
  );
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: [{ mediaType: 'application/vnd.in-toto+json', digest: digestOf(statement), size: statement.length }],
    }),
  );
  for (const bytes of [config, statement]) registry.blobs.set(digestOf(bytes), bytes);
  registry.manifests.set(digestOf(manifest), { type, bytes: manifest });
  return { digest: digestOf(manifest), config: digestOf(config), layers: [digestOf(statement)] };
}

/** Puts an index of images that are in the registry already, with an attestation, as buildx pushes them. */
export function addIndex(registry: FakeRegistry, tag: string, images: Record<string, TestImage>): string {
  const entry = (image: TestImage, platform: object, annotations?: object) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: image.digest,
    size: registry.manifests.get(image.digest)!.bytes.length,
    platform,
    ...(annotations && { annotations }),
  });
  const manifests = Object.entries(images).map(([name, image]) => {
    const [architecture, variant] = name.split('/');
    return entry(image, { os: 'linux', architecture, ...(variant && { variant }) });
  });
  const [first] = Object.values(images);
  const attestation = entry(addAttestation(registry, first!), unknownPlatform, {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': first!.digest,
  });
  return putIndex(registry, tag, [attestation, ...manifests]);
}

/** Puts an index of any entries, of indexes too. @returns its digest */
export function putIndex(registry: FakeRegistry, tag: string, manifests: readonly object[]): string {
  const type = 'application/vnd.oci.image.index.v1+json';
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }));
  for (const name of [tag, digestOf(bytes)]) registry.manifests.set(name, { type, bytes });
  return digestOf(bytes);
}

/** The entry of an index for what the registry has under a tag or digest. */
export function entryOf(registry: FakeRegistry, name: string, platform?: object): object {
  const { type, bytes } = registry.manifests.get(name)!;
  return { mediaType: type, digest: digestOf(bytes), size: bytes.length, ...(platform && { platform }) };
}
