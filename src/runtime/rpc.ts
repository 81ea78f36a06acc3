import { DockerError } from '../docker/errors.ts';
import type { CallOptions, Channel, MessageStream } from '../grpc/channel.ts';
import { isRpcError } from '../grpc/status.ts';

/** What all calls of one view of containerd have in common. */
export interface RpcContext {
  channel: Channel;
  address: string;
  namespace: string;
  lease?: string;
  signal?: AbortSignal;
}

/** The parts of a generated message object that a call needs. */
export interface Encoder<T> {
  encode(message: T): { finish(): Uint8Array };
}

/** One whose messages go out in parts, which spares a copy of what is large. */
export interface PartsEncoder<T> {
  encode(message: T): { finish(): Uint8Array | readonly Uint8Array[] };
}

export interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

export interface Duplex<Q, R> {
  /** Resolves when flow control has let the message through. */
  write(message: Q): Promise<void>;
  /** Half-closes. */
  end(): void;
  /** The next message, or undefined after the last. */
  read(): Promise<R | undefined>;
  cancel(): void;
}

/** Typed calls; methods are `package.Service/Method`. Errors are translated as the Containerd interface says. */
export interface Rpc {
  readonly signal?: AbortSignal;
  call<Q, R>(method: string, request: Encoder<Q>, message: Q, response: Decoder<R>): Promise<R>;
  /** A server stream. The request is on its way when this returns; leaving the loop cancels the call. */
  serverStream<Q, R>(method: string, request: Encoder<Q>, message: Q, response: Decoder<R>): AsyncIterableIterator<R>;
  duplex<Q, R>(method: string, request: PartsEncoder<Q>, response: Decoder<R>): Duplex<Q, R>;
}

/** google.protobuf.Empty */
export const Empty: Encoder<void> & Decoder<void> = {
  encode: () => ({ finish: () => new Uint8Array(0) }),
  decode: () => undefined,
};

export function rpcOver(context: RpcContext): Rpc {
  const metadata: [string, string][] = [['containerd-namespace', context.namespace]];
  if (context.lease) metadata.push(['containerd-lease', context.lease]);
  const options: CallOptions = { metadata, signal: context.signal };

  async function translated<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw connectionError(error, context.address);
    }
  }

  const open = (method: string): MessageStream => context.channel.stream(`/${method}`, options);

  function duplexOn<Q, R>(stream: MessageStream, request: PartsEncoder<Q>, response: Decoder<R>): Duplex<Q, R> {
    return {
      write: (message) => translated(stream.write(request.encode(message).finish())),
      end: () => stream.end(),
      async read() {
        const message = await translated(stream.read());
        return message && response.decode(message);
      },
      cancel: () => stream.cancel(),
    };
  }

  return {
    signal: context.signal,
    async call(method, request, message, response) {
      const bytes = request.encode(message).finish();
      return response.decode(await translated(context.channel.unary(`/${method}`, bytes, options)));
    },
    serverStream(method, request, message, response) {
      const stream = open(method);
      stream.end(request.encode(message).finish());
      return messages(duplexOn(stream, request, response));
    },
    duplex: (method, request, response) => duplexOn(open(method), request, response),
  };
}

/** Not a generator: those do not run, so neither cancel, before the first `next`. */
function messages<Q, R>(stream: Duplex<Q, R>): AsyncIterableIterator<R> {
  return {
    async next() {
      const value = await stream.read();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      stream.cancel();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The system's words name the socket once more. */
const reasons: Record<string, string> = {
  ENOENT: 'no such socket',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
};

/** For users without root. */
const startOwn =
  'start a containerd of your own with "nerdctl system start" ("containerd-rootless-setuptool.sh install": as a service)';

/** The sentence for a containerd that cannot be reached; any other error as it is. */
function connectionError(error: unknown, address: string): unknown {
  if (!isRpcError(error) || !error.transport) return error;
  if (error.transport === 'lost') {
    const sentence = `lost the connection to containerd at ${address}: it has ended, or was restarted`;
    return new DockerError('unavailable', sentence, { cause: error });
  }
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'EACCES' || code === 'EPERM') {
    const sentence = `permission denied while trying to connect to containerd at ${address}: run as root, or ${startOwn}`;
    return new DockerError('denied', sentence, { cause: error });
  }
  const why = reasons[code ?? ''] ?? error.details;
  const remedy = process.geteuid?.() === 0 ? 'start it with "nerdctl system start"' : startOwn;
  const sentence = `cannot connect to containerd at ${address}: ${why}: is containerd running? S${remedy.slice(1)}, or name its socket with --address`;
  return new DockerError('unavailable', sentence, { cause: error });
}
