import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf } from './fake-registry.ts';

interface Repository {
  blobs: Map<string, Buffer>;
  /** By tag and digest. */
  manifests: Map<string, { type: string; bytes: Buffer }>;
}

/** What a request came with, its body received so far. */
export interface PushRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: http.IncomingHttpHeaders;
}

export interface FakePushRegistry {
  host: string;
  requests: PushRequest[];
  repository(name: string): Repository;
  /** Answers the request itself (true), or leaves it to the registry; asked before the body is read. */
  misbehave?: (request: http.IncomingMessage, response: http.ServerResponse) => boolean;
  close(): Promise<void>;
}

/** The push side of the distribution API: uploads in one, in chunks and in a PUT, mounts, manifests that need their blobs. */
export async function fakePushRegistry(): Promise<FakePushRegistry> {
  const repositories = new Map<string, Repository>();
  const uploads = new Map<string, Buffer>();
  let count = 0;

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://registry');
    const [, name = '', kind = '', id = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(url.pathname) ?? [];
    const repository = registry.repository(name);
    const location = (upload: string) => ({
      location: `/v2/${name}/blobs/uploads/${upload}?state=${uploads.get(upload)!.length}`,
    });
    const range = (upload: string) => ({ range: `0-${Math.max(0, uploads.get(upload)!.length - 1)}` });
    const reply = (status: number, with_: http.OutgoingHttpHeaders = {}) => response.writeHead(status, with_).end();

    if (kind === 'blobs/uploads' && method === 'POST') {
      const mounted = registry
        .repository(url.searchParams.get('from') ?? '')
        .blobs.get(url.searchParams.get('mount') ?? '');
      if (mounted) {
        repository.blobs.set(digestOf(mounted), mounted);
        return void reply(201);
      }
      const upload = `u${++count}`;
      uploads.set(upload, Buffer.alloc(0));
      return void reply(202, location(upload));
    }
    if (kind === 'blobs/uploads') {
      const before = uploads.get(id);
      if (!before) return void reply(404);
      if (method === 'GET') return void reply(204, { ...location(id), ...range(id) });
      const start = /^(\d+)-/.exec(headers['content-range'] ?? '')?.[1];
      if (start !== undefined && Number(start) !== before.length) return void reply(416);
      try {
        for await (const chunk of request) uploads.set(id, Buffer.concat([uploads.get(id)!, chunk as Buffer]));
      } catch {
        return; // what came before the cut stays
      }
      if (method === 'PATCH') return void reply(202, { ...location(id), ...range(id) });
      const bytes = uploads.get(id)!;
      uploads.delete(id);
      const digest = url.searchParams.get('digest') ?? '';
      if (digestOf(bytes) !== digest) return void sendError(response, 400, 'DIGEST_INVALID');
      repository.blobs.set(digest, bytes);
      return void reply(201, { 'docker-content-digest': digest });
    }
    if (kind === 'manifests' && method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString());
      const blobs = [config, ...layers].filter(Boolean) as { digest: string }[];
      const isWhole =
        blobs.every(({ digest }) => repository.blobs.has(digest)) &&
        manifests.every(({ digest }: { digest: string }) => repository.manifests.has(digest));
      if (!isWhole) return void sendError(response, 400, 'MANIFEST_BLOB_UNKNOWN');
      for (const key of [id, digestOf(bytes)])
        repository.manifests.set(key, { type: headers['content-type'] ?? '', bytes });
      return void reply(201, { 'docker-content-digest': digestOf(bytes) });
    }
    const there = kind === 'manifests' ? repository.manifests.has(id) : repository.blobs.has(id);
    reply(there ? 200 : 404);
  }

  const server = http.createServer((request, response) => {
    registry.requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    if (registry.misbehave?.(request, response)) return void request.resume();
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: FakePushRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    repository(name) {
      const repository = repositories.get(name) ?? { blobs: new Map(), manifests: new Map() };
      repositories.set(name, repository);
      return repository;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

export function sendError(response: http.ServerResponse, status: number, code: string): void {
  const errors = [{ code, message: code.toLowerCase().replaceAll('_', ' ') }];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
}
