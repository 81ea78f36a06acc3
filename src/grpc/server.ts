import { fieldOf, type HeaderField } from './hpack.ts';
import { messageInbox } from './inbox.ts';
import type { StreamHandler } from './link.ts';
import { framedMessage } from './messages.ts';
import { pendingWrites, unwatched } from './pending-writes.ts';
import { type ServerConnection, type ServerStream, serverConnection } from './server-connection.ts';
import { Code, encodeMessage, isRpcError, RpcError } from './status.ts';
import type { Transport } from './transport.ts';

/** A call that the peer made, seen by the method's handler. All rejections are an RpcError. */
export interface ServerCall {
  readonly path: string;
  /** In the order they came, repeated names kept apart; no pseudo-headers. Values are latin1. */
  readonly metadata: readonly HeaderField[];
  /** Aborted when the peer has cancelled the call, or is gone. */
  readonly signal: AbortSignal;
  /** The next message, undefined after the last. One read at a time. */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Resolves when flow control and the transport have taken the message; a list is one message in parts. The bytes must
   * stay as they are until then. Need not be awaited before the next one: the queue has no limit.
   */
  write(message: Uint8Array | readonly Uint8Array[]): Promise<void>;
  /** Many small messages in few pieces, each with gRPC's prefix before it; one may go on in the next piece. */
  writeFramed(messages: Uint8Array): Promise<void>;
}

/**
 * Answers one call. Its end is the call's: OK when it resolves, the status of an RpcError that it throws, UNKNOWN with
 * the message of anything else.
 */
export type Handler = (call: ServerCall) => Promise<void>;

const RESPONSE: readonly HeaderField[] = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
];

/** Serves gRPC on a transport on which the peer is the HTTP/2 client. Keys are `/package.Service/Method`. */
export function serveConnection(transport: Transport, handlers: ReadonlyMap<string, Handler>): ServerConnection {
  return serverConnection(transport, (stream, fields, end) => {
    const path = fieldOf(fields, ':path') ?? '';
    const handler = handlers.get(path) ?? unimplemented;
    return startServerCall(stream, path, fields, end, handler);
  });
}

const unimplemented: Handler = async ({ path }) => {
  throw new RpcError(Code.UNIMPLEMENTED, `unknown method ${path}`);
};

function startServerCall(
  stream: ServerStream,
  path: string,
  fields: HeaderField[],
  requestEnded: boolean,
  handler: Handler,
): StreamHandler {
  const inbox = messageInbox((bytes) => stream.credit(bytes));
  const writes = pendingWrites();
  const cancelled = new AbortController();
  let responded = false;
  /** Why nothing can be written any more. */
  let over: RpcError | undefined;

  function end(error: RpcError): void {
    over = error;
    inbox.clear();
    inbox.end(error);
  }

  function finish(error?: unknown): void {
    if (over) return;
    const trailers = trailersOf(error);
    stream.end(responded ? trailers : [...RESPONSE, ...trailers]);
    end(new RpcError(Code.OK, 'the call has ended'));
  }

  function send(framed: readonly Uint8Array[]): Promise<void> {
    if (over) return unwatched(Promise.reject(over));
    if (!responded) stream.headers(RESPONSE);
    responded = true;
    return writes.add((sent) => stream.write(framed, sent));
  }

  const call: ServerCall = {
    path,
    metadata: fields.filter(([name]) => !name.startsWith(':')),
    signal: cancelled.signal,
    read: inbox.read,
    write: (message) => send(framedMessage(message)),
    writeFramed: (messages) => send([messages]),
  };

  if (requestEnded) inbox.end();
  // Not before the connection knows the call.
  Promise.resolve()
    .then(() => (over ? undefined : handler(call)))
    .then(() => finish(), finish);

  return {
    headers: (_trailers, end) => end && inbox.end(),
    data(chunk, end) {
      try {
        inbox.take(chunk);
      } catch (error) {
        finish(new RpcError(Code.UNIMPLEMENTED, (error as Error).message));
        return;
      }
      if (end) inbox.end();
    },
    failed(why) {
      const sentence = why.kind === 'reset' || why.kind === 'refused' ? 'the call was cancelled' : why.error.message;
      const error = new RpcError(Code.CANCELLED, sentence);
      writes.rejectAll(error);
      if (over) return;
      end(error);
      cancelled.abort(error);
    },
  };
}

function trailersOf(error: unknown): HeaderField[] {
  if (error === undefined) return [['grpc-status', '0']];
  const { code, details, statusDetails } = isRpcError(error)
    ? error
    : { code: Code.UNKNOWN, details: error instanceof Error ? error.message : String(error), statusDetails: undefined };
  const trailers: HeaderField[] = [
    ['grpc-status', String(code)],
    ['grpc-message', encodeMessage(details)],
  ];
  if (statusDetails) {
    trailers.push(['grpc-status-details-bin', Buffer.from(statusDetails).toString('base64').replace(/=+$/, '')]);
  }
  return trailers;
}
