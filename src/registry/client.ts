import { createHash } from 'node:crypto';
import { DockerError } from '../docker/errors.ts';
import {
  isDigest,
  maxDocumentBytes,
  mediaType,
  type OciDescriptor,
  parseJson,
  sniffManifestType,
} from '../docker/oci.ts';
import type { Reference } from '../docker/reference.ts';
import { connectionError } from './connection-error.ts';
import type { CredentialSource } from './credentials.ts';
import { authorized, type Endpoint, openEndpoint } from './endpoint.ts';
import { isRegistryError, RegistryError } from './errors.ts';
import { type Capability, registryHosts } from './hosts.ts';
import { type HttpResponse, readBody, redacted } from './http.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { pullScope } from './scope.ts';
import { readTags } from './tags.ts';

export interface RegistryOptions {
  /** See HostsOptions. */
  hostsDirs: readonly string[];
  insecure: boolean;
  credentials: CredentialSource;
  signal: AbortSignal;
  userAgent?: string;
  /** Milliseconds of silence. */
  idleTimeout?: number;
  retry?: Partial<RetryOptions>;
}

export interface FetchedManifest {
  desc: OciDescriptor;
  bytes: Uint8Array;
}

/** One repository of a registry, through its mirrors. Reference: OCI distribution-spec 1.1. */
export interface Repository {
  /** The digest that a tag means now, if the registry tells it without sending the manifest. */
  head(reference: string): Promise<string | undefined>;
  /**
   * @param reference a tag or a digest
   * @throws RegistryError; DockerError invalid when the content does not have the digest asked for
   */
  manifest(reference: string): Promise<FetchedManifest>;
  /**
   * A blob from `offset` on, in one attempt on each host. The stream fails with a RegistryError when it breaks off.
   * `start` is where it really begins: a registry may know no ranges. `bounded`: the answer says where it ends, so that one
   * that ends without an error is all of it.
   */
  blob(
    digest: string,
    offset: number,
    signal?: AbortSignal,
  ): Promise<{ start: number; bounded: boolean; stream: AsyncIterable<Uint8Array> }>;
  /** All tags, in the registry's order. */
  tags(): Promise<string[]>;
  close(): void;
}

export const acceptManifests = [
  mediaType.ociIndex,
  mediaType.ociManifest,
  mediaType.dockerManifestList,
  mediaType.dockerManifest,
  '*/*;q=0.1',
].join(', ');

export function openRepository(reference: Pick<Reference, 'domain' | 'path'>, options: RegistryOptions): Repository {
  const { domain, path } = reference;
  const { signal } = options;
  const endpoints = registryHosts(domain, { dirs: options.hostsDirs, insecure: options.insecure }).map((host) =>
    openEndpoint(host, domain, options),
  );
  const retry: RetryOptions = { ...options.retry, signal };

  /** The first host whose answer is a success; a mirror that fails in whatever way is passed over. */
  async function anyHost<T>(capability: Capability, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    const able = endpoints.filter(({ host }) => host.capabilities.has(capability));
    let failure: unknown = new DockerError('invalid', `no host is configured that may be asked for ${domain}/${path}`);
    for (const endpoint of able) {
      try {
        return await work(endpoint);
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  function request(
    endpoint: Endpoint,
    method: 'GET' | 'HEAD',
    resource: string,
    headers: Record<string, string>,
    stop = signal,
  ): Promise<HttpResponse> {
    const url = new URL(`${endpoint.host.url}/${path}/${resource}`);
    if (endpoint.host.mirror) url.searchParams.set('ns', domain);
    return authorized(endpoint, { method, url: url.href, headers, signal: stop }, pullScope(path));
  }

  return {
    async head(name) {
      const response = await anyHost('resolve', (endpoint) =>
        withRetries(() => request(endpoint, 'HEAD', `manifests/${name}`, { accept: acceptManifests }), retry),
      );
      response.body.resume();
      const digest = response.headers['docker-content-digest'];
      return isDigest(digest) ? digest : undefined;
    },
    manifest: (name) =>
      anyHost(isDigest(name) ? 'pull' : 'resolve', (endpoint) =>
        withRetries(async () => {
          const response = await request(endpoint, 'GET', `manifests/${name}`, { accept: acceptManifests });
          return checkManifest(response, await readBody(response, maxDocumentBytes), name);
        }, retry),
      ),
    blob: (digest, offset, stop = signal) =>
      anyHost('pull', async (endpoint) => {
        const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
        // Anything else would have the transfer differ from the blob that the digest is of.
        const headers = { ...range, 'accept-encoding': 'identity' };
        const response = await request(endpoint, 'GET', `blobs/${digest}`, headers, stop).catch((error: unknown) => {
          throw isUnexplained404(error) ? blobUnknown(error) : error;
        });
        const { 'content-length': length, 'transfer-encoding': encoding } = response.headers;
        const bounded = length !== undefined || encoding !== undefined;
        return { start: startOf(response, offset), bounded, stream: streamOf(response) };
      }),
    tags: () =>
      anyHost('resolve', (endpoint) =>
        readTags((resource) => withRetries(() => request(endpoint, 'GET', resource, {}), retry)),
      ),
    close() {
      for (const { http } of endpoints) http.close();
    },
  };
}

function checkManifest(response: HttpResponse, bytes: Buffer, name: string): FetchedManifest {
  const wanted = isDigest(name) ? name : response.headers['docker-content-digest'];
  const algorithm = isDigest(wanted) ? wanted.slice(0, wanted.indexOf(':')) : 'sha256';
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (isDigest(wanted) && wanted !== digest) {
    throw new DockerError('invalid', `manifest verification failed for digest ${wanted}: the registry sent ${digest}`);
  }
  const where = redacted(new URL(response.url));
  const header = response.headers['content-type']?.split(';')[0]?.trim();
  let declared: string | undefined;
  try {
    declared = sniffManifestType(parseJson(bytes, where));
  } catch {
    throw new RegistryError(`${where}: the answer is no manifest (${header ?? 'no content type'})`, {
      temporary: false,
    });
  }
  return { desc: { mediaType: declared ?? header ?? '', digest, size: bytes.length }, bytes };
}

const isUnexplained404 = (error: unknown): error is RegistryError =>
  isRegistryError(error) && error.status === 404 && error.entries.length === 0;

function blobUnknown({ message, status }: RegistryError): RegistryError {
  return new RegistryError(message, { status, entries: [{ code: 'BLOB_UNKNOWN', message }] });
}

function startOf(response: HttpResponse, offset: number): number {
  if (response.status !== 206) return 0;
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
  if (start === undefined || Number(start) > offset) {
    response.body.destroy();
    throw new RegistryError(`${redacted(new URL(response.url))}: answered with another range than was asked for`, {
      status: 416,
    });
  }
  return Number(start);
}

async function* streamOf(response: HttpResponse): AsyncGenerator<Uint8Array> {
  const where = new URL(response.url);
  try {
    yield* response.body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw connectionError(error as NodeJS.ErrnoException, `${where.protocol}//${where.host}`);
  } finally {
    response.body.destroy();
  }
}
