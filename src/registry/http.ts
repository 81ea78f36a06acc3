import http from 'node:http';
import { connectionError, speaksNoTls } from './connection-error.ts';
import { isRegistryError, RegistryError, type RegistryErrorEntry } from './errors.ts';
import type { RegistryHost } from './hosts.ts';
import { retryAfter } from './retry.ts';
import { openTransport } from './transport.ts';

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  url: string;
  headers?: Record<string, string>;
  /** A stream is asked for again at each redirect; its `content-length` is among the headers. */
  body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>);
  signal: AbortSignal;
  /** Milliseconds, instead of the client's own. */
  idleTimeout?: number;
  /** The body holds secrets: it is not sent on to another origin. */
  secretBody?: boolean;
  /** An origin besides the host's own that may see the request's `authorization`: its token server. */
  trustedOrigin?: string;
}

export interface HttpResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Must be read or destroyed. */
  body: http.IncomingMessage;
  /** Where it came from after redirects. */
  url: string;
}

/** Requests to one RegistryHost and wherever it redirects to. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Whether an address is the host's own, which may see what is for it alone. */
  isOwn(url: URL): boolean;
  close(): void;
}

export interface HttpOptions {
  userAgent: string;
  /** Milliseconds without a byte, connecting included, after which a server counts as dead. */
  idleTimeout?: number;
  /** Names the proxies; the process's own unless given. */
  env?: NodeJS.ProcessEnv;
}

const maxRedirects = 10;
const defaultIdleTimeout = 30_000;
/** What only the origin may see. */
const secretHeaders = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * Redirects are followed here: to another origin go neither credentials nor the host's configured headers nor its client certificate.
 */
export function httpClient(host: RegistryHost, options: HttpOptions): HttpClient {
  const origin = new URL(host.url).origin;
  const idleTimeout = options.idleTimeout ?? defaultIdleTimeout;
  const transport = openTransport(host, idleTimeout, options.env ?? process.env);
  // Once it has answered in plain HTTP, it is not tried with TLS again, and names itself by http addresses.
  let plain = false;
  const plainOrigin = asPlain(new URL(origin)).origin;

  const isOwn = (url: URL): boolean => url.origin === origin || (plain && url.origin === plainOrigin);

  async function send(request: HttpRequest): Promise<HttpResponse> {
    let url = new URL(request.url);
    let method = request.method;
    for (let hops = 0; ; hops++) {
      if (hops > maxRedirects) throw new RegistryError(`${redacted(url)}: too many redirects`, { temporary: false });
      const own = isOwn(url);
      const headers = requestHeaders(request, url.origin, own);
      const body = method === 'GET' || method === 'HEAD' ? undefined : request.body;
      const response = await sendOnce({ ...request, method, url: url.href, headers, body }, url, own);
      const location = response.headers.location;
      if (location === undefined || ![301, 302, 303, 307, 308].includes(response.status)) return response;
      response.body.resume();
      const from = url;
      url = redirectTarget(location, from);
      if (request.secretBody && url.origin !== from.origin) {
        throw new RegistryError(`${redacted(from)}: wants credentials sent on to ${url.origin}: refused`, {
          temporary: false,
        });
      }
      if (response.status === 303 && method !== 'HEAD') method = 'GET';
    }
  }

  function requestHeaders(request: HttpRequest, target: string, own: boolean): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': options.userAgent, ...(own && host.headers) };
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      const trusted = own || target === request.trustedOrigin;
      if (trusted || !secretHeaders.has(name.toLowerCase())) headers[name] = value;
    }
    return headers;
  }

  async function sendOnce(request: HttpRequest, url: URL, own: boolean): Promise<HttpResponse> {
    if (url.protocol === 'http:' || (own && plain)) return exchange(request, asPlain(url), own);
    try {
      return await exchange(request, url, own);
    } catch (error) {
      if (!own || !host.plainFallback || !isConnectionFailure(error)) throw error;
      const withoutTls = speaksNoTls(error);
      const response = await exchange(request, asPlain(url), own).catch((failure: unknown) => {
        throw withoutTls ? failure : error;
      });
      // A server that wants TLS, and something else besides, says so with 400.
      if (response.status === 400 && !withoutTls) {
        response.body.destroy();
        throw error;
      }
      plain = true;
      return response;
    }
  }

  function exchange(request: HttpRequest, url: URL, own: boolean): Promise<HttpResponse> {
    const idle = request.idleTimeout ?? idleTimeout;
    return new Promise((resolve, reject) => {
      if (request.signal.aborted) return reject(request.signal.reason);
      const { method, headers = {}, signal, body } = request;
      const { message, where } = transport.begin(url, own, { method, headers, signal });
      const silent = () =>
        void message.destroy(new RegistryError(`cannot reach registry ${where}: no answer for ${idle / 1000} seconds`));
      message.setTimeout(idle, silent);
      // Headers that come byte by byte are no answer either.
      let answered = false;
      let due: NodeJS.Timeout | undefined;
      message.on('finish', () => {
        if (!answered) due = setTimeout(silent, idle);
      });
      // A request that has no connection yet says nothing when it is aborted.
      const aborted = (): void => reject(signal.reason);
      signal.addEventListener('abort', aborted, { once: true });
      message.on('close', () => {
        clearTimeout(due);
        signal.removeEventListener('abort', aborted);
      });
      message.on('error', (error: NodeJS.ErrnoException) => {
        if (signal.aborted) reject(signal.reason);
        else reject(isRegistryError(error) || typeof error.code !== 'string' ? error : connectionError(error, where));
      });
      message.on('response', (incoming) => {
        answered = true;
        clearTimeout(due);
        // An answer before the end of the body: what is left of it need not be sent.
        if (typeof body === 'function' && !message.writableEnded) incoming.once('end', () => message.destroy());
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming, url: url.href });
      });
      if (typeof body !== 'function') message.end(body);
      else writeBody(message, body(), () => answered).catch((error: Error) => message.destroy(error));
    });
  }

  return {
    send,
    isOwn,
    close: () => transport.close(),
  };
}

async function writeBody(
  message: http.ClientRequest,
  chunks: AsyncIterable<Uint8Array>,
  isAnswered: () => boolean,
): Promise<void> {
  for await (const chunk of chunks) {
    if (isAnswered() || message.destroyed) return;
    if (!message.write(chunk)) await writable(message);
  }
  message.end();
}

function writable(message: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'response', 'close']) message.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'response', 'close']) message.on(event, done);
  });
}

/** A failure of the connection, not an answer. */
function isConnectionFailure(error: unknown): boolean {
  return isRegistryError(error) && error.status === 0;
}

function redirectTarget(location: string, from: URL): URL {
  let url: URL | undefined;
  try {
    url = new URL(location, from);
  } catch {}
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new RegistryError(`${redacted(from)}: redirected to an address that cannot be used`, { temporary: false });
  }
  return url;
}

function asPlain(url: URL): URL {
  if (url.protocol === 'http:') return url;
  // Without an explicit port, TLS was tried on 443 and plain HTTP means 80.
  return new URL(url.href.replace(/^https:/, 'http:'));
}

/** Without user information and query, which may hold tokens. */
export const redacted = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

/** Reads a body that must be small. @throws RegistryError when it is longer than `limit`, ends early or stalls */
export async function readBody(response: HttpResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const where = redacted(new URL(response.url));
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw connectionError(error as NodeJS.ErrnoException, where);
  }
  if (size > limit) {
    throw new RegistryError(`${where}: the answer is larger than ${limit} bytes`, { temporary: false });
  }
  return Buffer.concat(chunks);
}

const errorBodyLimit = 64 << 10;

/** The error that a response other than success stands for; reads its body. */
export async function responseError(response: HttpResponse): Promise<RegistryError> {
  const text = await readBody(response, errorBodyLimit).then(String, () => '');
  const entries = errorEntries(text);
  const where = redacted(new URL(response.url));
  const challenge = String(response.headers['www-authenticate'] ?? '');
  return new RegistryError(
    entries.length > 0
      ? `${where}: ${entries.map(({ code, message }) => `${code.toLowerCase()}: ${message}`).join('; ')}`
      : `${where}: unexpected status ${response.status} ${http.STATUS_CODES[response.status] ?? ''}`.trimEnd(),
    {
      status: response.status,
      entries,
      retryAfter: retryAfter(response.headers['retry-after']),
      insufficientScope: /error="?insufficient_scope/.test(challenge),
    },
  );
}

/** Only what has the form of the specification: HTML of a proxy is not shown. */
function errorEntries(text: string): RegistryErrorEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const errors = (value as { errors?: unknown } | null)?.errors;
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 5).flatMap((entry) => {
    const { code, message } = (entry ?? {}) as { code?: unknown; message?: unknown };
    if (typeof code !== 'string') return [];
    return [{ code: oneLine(code), message: typeof message === 'string' ? oneLine(message) : '' }];
  });
}

/** A server must not be able to move our cursor. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500);
