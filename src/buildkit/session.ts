import { randomBytes } from 'node:crypto';
import type { Channel } from '../grpc/channel.ts';
import type { HeaderField } from '../grpc/hpack.ts';
import { type Handler, serveConnection } from '../grpc/server.ts';
import type { RpcError } from '../grpc/status.ts';
import { healthService } from './services/health.ts';
import { openTunnel } from './tunnel.ts';

export interface SessionOptions {
  /** BuildKit keeps its copy of a context by this: a stable name of the directory on this machine. */
  sharedKey: string;
  name?: string;
  /** What BuildKit may call here; health is added. */
  handlers: ReadonlyMap<string, Handler>;
  /** Ends the session. */
  signal?: AbortSignal;
}

export interface Session {
  /** For SolveRequest.Session. */
  id: string;
  /** Resolves when the session is over; with the error, unless it was closed here. */
  ended: Promise<RpcError | undefined>;
  /** What BuildKit still calls is cancelled. Resolves when it knows. */
  close(): Promise<void>;
}

/** BuildKit ends its side at once; one that does not is not waited for. */
const CLOSE_GRACE_MS = 1000;

/** Opens a session: the call's messages carry a connection on which BuildKit is the client, and the server is here. */
export function openSession(channel: Channel, options: SessionOptions): Session {
  const { signal } = options;
  const id = randomBytes(16).toString('hex');
  const handlers = new Map([...healthService(), ...options.handlers]);
  const metadata = sessionMetadata(id, options, handlers);
  const call = channel.stream('/moby.buildkit.v1.Control/Session', { metadata, signal });
  const { duplex, ended } = openTunnel(call);
  const server = serveConnection(duplex, handlers);
  let closing = false;

  return {
    id,
    ended: ended.then((error) => (closing ? undefined : error)),
    async close() {
      closing = true;
      server.close();
      const timer = setTimeout(() => call.cancel(), CLOSE_GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function sessionMetadata(
  id: string,
  { sharedKey, name }: SessionOptions,
  handlers: ReadonlyMap<string, Handler>,
): HeaderField[] {
  const metadata: HeaderField[] = [
    ['x-docker-expose-session-uuid', id],
    ['x-docker-expose-session-sharedkey', ascii(sharedKey)],
  ];
  if (name) metadata.push(['x-docker-expose-session-name', ascii(name)]);
  for (const path of handlers.keys()) metadata.push(['x-docker-expose-session-grpc-method', path]);
  return metadata;
}

/** gRPC allows no other bytes in metadata. */
const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?');
