import { DockerError } from '../docker/errors.ts';
import { isDigest, type OciDescriptor } from '../docker/oci.ts';
import type { Reference } from '../docker/reference.ts';
import { acceptManifests, type RegistryOptions } from './client.ts';
import { authorized, openEndpoint } from './endpoint.ts';
import { isRegistryError, RegistryError } from './errors.ts';
import { registryHosts } from './hosts.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { pushScope } from './scope.ts';
import { type BlobSource, type UploadOptions, uploadBlob } from './upload.ts';

/** Parts of the work on one blob. */
export interface BlobUploadOptions {
  /** Repositories of the registry that may have it. */
  mountFrom: readonly string[];
  onProgress?: UploadOptions['onProgress'];
  onRetry?: RetryOptions['onRetry'];
}

/** One repository of a registry to push to. All goes to one host: the first one that takes pushes. */
export interface PushRepository {
  hasBlob(digest: string): Promise<boolean>;
  hasManifest(digest: string): Promise<boolean>;
  /** @returns the repository that it was mounted from, or undefined when it was sent */
  upload(source: BlobSource, options: BlobUploadOptions): Promise<string | undefined>;
  /** @param name a tag or the digest */
  putManifest(name: string, desc: OciDescriptor, bytes: Uint8Array): Promise<void>;
  close(): void;
}

export function openPush(reference: Pick<Reference, 'domain' | 'path'>, options: RegistryOptions): PushRepository {
  const { domain, path } = reference;
  const { signal } = options;
  const hosts = registryHosts(domain, { dirs: options.hostsDirs, insecure: options.insecure });
  const host = hosts.find(({ capabilities }) => capabilities.has('push'));
  if (!host) throw new DockerError('invalid', `no host is configured that may be pushed to for ${domain}/${path}`);
  const endpoint = openEndpoint(host, domain, options);
  const retry: RetryOptions = { ...options.retry, signal };
  const scope = pushScope(path);
  const send = (request: Omit<HttpRequest, 'signal'>, wanted = scope): Promise<HttpResponse> =>
    authorized(endpoint, { ...request, signal }, wanted);

  function address(resource: string, query: Record<string, string> = {}): string {
    const url = new URL(`${host!.url}/${path}/${resource}`);
    if (host!.mirror) url.searchParams.set('ns', domain);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  async function has(resource: string, headers?: Record<string, string>): Promise<boolean> {
    try {
      const response = await withRetries(() => send({ method: 'HEAD', url: address(resource), headers }), retry);
      response.body.resume();
      return true;
    } catch (error) {
      if (isRegistryError(error) && error.status === 404) return false;
      throw error;
    }
  }

  const begin = async (): Promise<HttpResponse> => {
    const response = await send({ method: 'POST', url: address('blobs/uploads/'), headers: { 'content-length': '0' } });
    response.body.resume();
    return response;
  };

  /** @returns true when it is there now; an answer that has begun an upload instead; undefined when it was refused */
  async function mount(digest: string, from: string): Promise<HttpResponse | true | undefined> {
    try {
      const url = address('blobs/uploads/', { mount: digest, from });
      const response = await send({ method: 'POST', url, headers: { 'content-length': '0' } }, pushScope(path, from));
      response.body.resume();
      return response.status === 201 ? true : response;
    } catch {
      signal.throwIfAborted();
      // Not allowed to read the other repository, or no such thing: then it is sent.
      return undefined;
    }
  }

  return {
    hasBlob: (digest) => has(`blobs/${digest}`),
    hasManifest: (digest) => has(`manifests/${digest}`, { accept: acceptManifests }),
    async upload(source, { mountFrom, onProgress, onRetry }) {
      let begun: HttpResponse | undefined;
      for (const from of mountFrom) {
        const mounted = await mount(source.desc.digest, from);
        if (mounted === true) return from;
        begun = mounted ?? begun;
      }
      const start = async (): Promise<HttpResponse> => {
        const first = begun;
        begun = undefined;
        return first ?? (await begin());
      };
      await uploadBlob(send, start, source, { retry: { ...retry, onRetry }, onProgress });
      return undefined;
    },
    async putManifest(name, desc, bytes) {
      const headers = { 'content-type': desc.mediaType, 'content-length': String(bytes.length) };
      const response = await withRetries(
        () => send({ method: 'PUT', url: address(`manifests/${name}`), headers, body: bytes }),
        retry,
      );
      response.body.resume();
      const kept = response.headers['docker-content-digest'];
      const registry = new URL(response.url).host;
      // What is no registry says 200 to everything.
      if (!isDigest(kept) && response.status !== 201) {
        throw new RegistryError(`${registry} did not say that it keeps the manifest: status ${response.status}`, {
          temporary: false,
        });
      }
      if (isDigest(kept) && kept !== desc.digest) {
        throw new RegistryError(`${registry} keeps ${desc.digest} as ${kept}`, { temporary: false });
      }
    },
    close: () => endpoint.http.close(),
  };
}
