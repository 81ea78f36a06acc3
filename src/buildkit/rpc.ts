import type { Channel } from '../grpc/channel.ts';
import type { HeaderField } from '../grpc/hpack.ts';
import { Code, RpcError } from '../grpc/status.ts';
import { connectionError } from './connect-error.ts';

/** The parts of a generated message object that a call needs. */
interface Encoder<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

interface Options {
  signal?: AbortSignal;
  metadata?: readonly HeaderField[];
}

/** Typed calls of the control service; fields that a request leaves out have their protobuf default. */
export interface ControlRpc {
  call<Q extends object, R>(
    method: string,
    request: Encoder<Q>,
    message: Partial<Q>,
    response: Decoder<R>,
    o?: Options,
  ): Promise<R>;
  /** The request is on its way when this returns; leaving the loop cancels the call. */
  serverStream<Q extends object, R>(
    method: string,
    request: Encoder<Q>,
    message: Partial<Q>,
    response: Decoder<R>,
    options?: Options,
  ): AsyncIterableIterator<R>;
}

/** @param service as in a path */
export function controlRpc(channel: Channel, address: string, service = '/moby.buildkit.v1.Control'): ControlRpc {
  async function translated<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw connectionError(error, address);
    }
  }

  return {
    async call(method, request, message, response, options) {
      const reply = channel.unary(`${service}/${method}`, encoded(request, message), options);
      return decoded(response, await translated(reply));
    },
    serverStream(method, request, message, response, options) {
      const stream = channel.stream(`${service}/${method}`, options);
      stream.end(encoded(request, message));
      return {
        async next() {
          const reply = await translated(stream.read());
          return reply === undefined
            ? { done: true, value: undefined }
            : { done: false, value: decoded(response, reply) };
        },
        async return() {
          stream.cancel();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}

function decoded<R>(response: Decoder<R>, bytes: Uint8Array): R {
  try {
    return response.decode(bytes);
  } catch (error) {
    throw new RpcError(Code.INTERNAL, 'the answer of BuildKit cannot be read', { cause: error });
  }
}

function encoded<Q extends object>(request: Encoder<Q>, message: Partial<Q>): Uint8Array {
  return request.encode({ ...request.decode(new Uint8Array(0)), ...message }).finish();
}
