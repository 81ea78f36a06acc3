import { type CallOptions, type MessageStream, startCall, type Target } from './call.ts';
import { type Connection, clientConnection } from './connection.ts';
import type { KeepAlive } from './keep-alive.ts';
import { Code, isRpcError, RpcError } from './status.ts';
import type { Transport } from './transport.ts';

export type { CallOptions, MessageStream } from './call.ts';

/** Calls to one server; paths are `/package.Service/Method`, messages are encoded protobuf. */
export interface Channel {
  unary(path: string, message: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  stream(path: string, options?: CallOptions): MessageStream;
  /** Calls in flight reject with UNAVAILABLE; the next call would dial again. */
  close(): void;
}

const local: Target = { scheme: 'http', authority: 'localhost' };

/**
 * @param dial returns the transport at once
 * @param alive for peers that may vanish without closing the connection
 */
export function createChannel(dial: () => Transport, target = local, alive?: KeepAlive): Channel {
  let connection: Connection | undefined;

  function connect(): Connection {
    if (!connection?.usable()) connection = clientConnection(dial(), alive);
    return connection;
  }

  return {
    async unary(path, message, options = {}) {
      try {
        return await unaryCall(startCall(connect(), target, path, options), message);
      } catch (error) {
        if (!isRpcError(error) || !error.unprocessed) throw error;
        return await unaryCall(startCall(connect(), target, path, options), message);
      }
    },
    stream: (path, options = {}) => startCall(connect(), target, path, options),
    close() {
      connection?.close(new Error('the channel was closed'));
      connection = undefined;
    },
  };
}

async function unaryCall(call: MessageStream, message: Uint8Array): Promise<Uint8Array> {
  call.end(message);
  const reply = await call.read();
  if (reply === undefined) throw new RpcError(Code.INTERNAL, 'the server answered without a message');
  if ((await call.read()) !== undefined) {
    call.cancel();
    throw new RpcError(Code.INTERNAL, 'the server answered with more than one message');
  }
  return reply;
}
