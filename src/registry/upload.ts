import { setTimeout } from 'node:timers/promises';
import type { OciDescriptor } from '../docker/oci.ts';
import { isRegistryError, RegistryError } from './errors.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { pauseBefore, type RetryOptions } from './retry.ts';

/** Below it, a second request costs more than sending the blob again. */
const smallBlob = 1 << 20;
/** Without a word from the registry about what it takes at once. */
const defaultChunk = 16 << 20;
const smallestChunk = 1 << 20;
/** Registries that copy to slow storage answer late. */
const commitTimeout = 300_000;

export interface BlobSource {
  desc: Pick<OciDescriptor, 'digest' | 'size'>;
  /** The bytes from `offset` on. */
  open(offset: number): AsyncIterable<Uint8Array>;
}

export interface UploadOptions {
  retry: RetryOptions;
  /** Bytes that the registry has been sent. */
  onProgress?: (current: number) => void;
}

export type Send = (request: Omit<HttpRequest, 'signal'>) => Promise<HttpResponse>;

/** An upload that the registry has begun: its address changes with each answer. */
interface Session {
  url: string;
  offset: number;
}

/**
 * Uploads one blob. Reference: OCI distribution-spec 1.1, "Pushing blobs".
 * A small one goes in one PUT; another one in one PATCH and, after a cut, on from what the registry has; in chunks where
 * the registry wants them or one request is too large for it.
 * @param begin asks for an upload (POST) and gives its answer
 */
export async function uploadBlob(
  send: Send,
  begin: () => Promise<HttpResponse>,
  source: BlobSource,
  options: UploadOptions,
): Promise<void> {
  const { desc } = source;
  let session: Session | undefined;
  let chunk = Number.POSITIVE_INFINITY;
  let whole = desc.size <= smallBlob;
  let failures = 0;
  let restarts = 0;
  for (;;) {
    const before = session?.offset ?? 0;
    try {
      if (!session) {
        const begun = await begin();
        session = { url: locationOf(begun), offset: 0 };
        const least = Number(begun.headers['oci-chunk-min-length'] ?? 0);
        if (least > 0) chunk = Math.max(least, defaultChunk);
      }
      if (whole) return await putWhole(send, session, source, options);
      await sendChunks(send, session, source, chunk, options);
      return await commit(send, session, desc.digest);
    } catch (error) {
      options.retry.signal.throwIfAborted();
      const status = isRegistryError(error) ? error.status : undefined;
      if (status === 413 && !whole && chunk > smallestChunk) {
        chunk = Math.min(defaultChunk, Math.max(smallestChunk, Math.ceil(Math.min(chunk, desc.size) / 2)));
        session = undefined;
        continue;
      }
      // A registry that knows no PATCH.
      if ((status === 404 || status === 405 || status === 501) && !whole && session?.offset === 0) {
        whole = true;
        session = undefined;
        continue;
      }
      // It does not know what it said before.
      if (status === 416 && session && restarts++ < 2) {
        session = undefined;
        continue;
      }
      const reached: Session | undefined = session && !whole ? await progressOf(send, session, desc.size) : undefined;
      session = reached;
      failures = (reached?.offset ?? 0) > before ? 1 : failures + 1;
      const pause = pauseBefore(error, failures, options.retry);
      if (pause === undefined) throw error;
      options.retry.onRetry?.(pause / 1000, error);
      await setTimeout(pause, undefined, { signal: options.retry.signal });
    }
  }
}

async function putWhole(
  send: Send,
  session: Session,
  source: BlobSource,
  { onProgress }: UploadOptions,
): Promise<void> {
  const { digest, size } = source.desc;
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
  const body = () => counted(source.open(0), 0, size, onProgress);
  const url = withDigest(session.url, digest);
  checkCreated(await send({ method: 'PUT', url, headers, body, idleTimeout: commitTimeout }));
}

async function sendChunks(
  send: Send,
  session: Session,
  source: BlobSource,
  chunk: number,
  { onProgress }: UploadOptions,
): Promise<void> {
  const { size } = source.desc;
  while (session.offset < size) {
    const start = session.offset;
    const length = Math.min(chunk, size - start);
    const headers: Record<string, string> = {
      'content-type': 'application/octet-stream',
      'content-length': String(length),
    };
    // Without it a registry takes the body as the rest of the blob, which some want for the first PATCH.
    if (start > 0 || length < size) headers['content-range'] = `${start}-${start + length - 1}`;
    const body = () => counted(source.open(start), start, length, onProgress);
    const response = await send({ method: 'PATCH', url: session.url, headers, body, idleTimeout: commitTimeout });
    response.body.resume();
    session.url = locationOf(response);
    session.offset = start + length;
  }
}

async function commit(send: Send, session: Session, digest: string): Promise<void> {
  const url = withDigest(session.url, digest);
  const headers = { 'content-length': '0' };
  checkCreated(await send({ method: 'PUT', url, headers, idleTimeout: commitTimeout }));
}

function checkCreated(response: HttpResponse): void {
  response.body.resume();
  if (response.status === 201 || response.status === 204) return;
  const { host } = new URL(response.url);
  throw new RegistryError(`${host} did not say that it keeps the blob: status ${response.status}`);
}

/** How much of an interrupted upload the registry has; undefined when it is to be begun again. */
async function progressOf(send: Send, session: Session, size: number): Promise<Session | undefined> {
  try {
    const response = await send({ method: 'GET', url: session.url });
    response.body.resume();
    const range = /^(?:bytes[= ])?0-(\d+)$/.exec(String(response.headers.range ?? ''))?.[1];
    const last = Number(range ?? 0);
    if (last >= size) return undefined;
    // `0-0` stands for nothing and for one byte: nobody sends one byte.
    return { url: locationOf(response, session.url), offset: last === 0 ? 0 : last + 1 };
  } catch {
    return undefined;
  }
}

function locationOf(response: HttpResponse, known?: string): string {
  const location = response.headers.location ?? known;
  let url: URL | undefined;
  try {
    url = location === undefined ? undefined : new URL(location, response.url);
  } catch {}
  if (!url || !/^https?:$/.test(url.protocol)) {
    const { host } = new URL(response.url);
    throw new RegistryError(`${host} did not say where to upload to`, { temporary: false });
  }
  return url.href;
}

/** The address is kept to the letter: some registries sign it. */
function withDigest(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

/** At most `length` bytes, counted when they are taken. */
async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  length: number,
  onProgress: UploadOptions['onProgress'],
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    const part = chunk.length > length - sent ? chunk.subarray(0, length - sent) : chunk;
    if (part.length > 0) yield part;
    sent += part.length;
    onProgress?.(start + sent);
    if (sent === length) return;
  }
}
