import { setMaxListeners } from 'node:events';
import type { ClientStream, Connection } from './connection.ts';
import { H2Code } from './frames.ts';
import { fieldOf, type HeaderField } from './hpack.ts';
import { messageInbox } from './inbox.ts';
import type { StreamFailure } from './link.ts';
import { framedMessage } from './messages.ts';
import { pendingWrites, unwatched } from './pending-writes.ts';
import { Code, codeOfHttpStatus, decodeMessage, RpcError } from './status.ts';

export interface CallOptions {
  /** Names in lower case; values of `-bin` names are base64 already. */
  metadata?: readonly HeaderField[];
  /** Cancels the call: it ends with CANCELLED, and the server is told. */
  signal?: AbortSignal;
  /** Milliseconds after which the call ends with DEADLINE_EXCEEDED, here and on the server. */
  timeout?: number;
}

/** The messages of one call in both directions. All rejections are an RpcError. */
export interface MessageStream {
  /** Resolves when flow control and the socket have taken the message; rejects when the call has ended. */
  write(message: Uint8Array | readonly Uint8Array[]): Promise<void>;
  /** Half-closes, after one last message if there is one. */
  end(last?: Uint8Array): void;
  /** The next message; undefined when the call ended with OK. One read at a time. */
  read(): Promise<Uint8Array | undefined>;
  cancel(): void;
}

/** How requests name the server. */
export interface Target {
  scheme: 'http' | 'https';
  authority: string;
}

export function startCall(connection: Connection, target: Target, path: string, options: CallOptions): MessageStream {
  const { signal, timeout } = options;
  const inbox = messageInbox((bytes) => stream?.credit(bytes));
  const writes = pendingWrites();
  let stream: ClientStream | undefined;
  let ended = false;
  let failure: RpcError | undefined;
  let timer: NodeJS.Timeout | undefined;
  let responded = false;

  function finish(error?: RpcError): void {
    if (ended) return;
    ended = true;
    failure = error;
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    inbox.end(error);
    writes.rejectAll(error ?? new RpcError(Code.OK, 'the call has ended'));
  }

  /** Ends the call from this side: what the server sent and nobody read is gone. */
  function abandon(error: RpcError): void {
    if (ended) return;
    inbox.clear();
    stream?.reset();
    finish(error);
  }

  function onAbort(): void {
    abandon(new RpcError(Code.CANCELLED, 'the call was cancelled', { cause: signal?.reason }));
  }

  const handler = {
    headers(fields: HeaderField[], end: boolean): void {
      if (!responded) {
        responded = true;
        const status = fieldOf(fields, ':status') ?? '';
        const grpc = fieldOf(fields, 'content-type')?.startsWith('application/grpc');
        if (!grpc && fieldOf(fields, 'grpc-status') === undefined) {
          abandon(new RpcError(codeOfHttpStatus(status), `the server answered with HTTP status ${status}`));
        }
      }
      if (end) finish(statusOf(fields));
    },
    data(chunk: Buffer, end: boolean): void {
      try {
        inbox.take(chunk);
      } catch (error) {
        abandon(new RpcError(Code.INTERNAL, (error as Error).message));
        return;
      }
      if (end) finish(new RpcError(Code.INTERNAL, 'the server ended the call without a status'));
    },
    failed: (why: StreamFailure) => finish(errorOf(why)),
  };

  if (signal?.aborted) {
    onAbort();
  } else {
    if (signal) {
      // One signal may cancel any number of calls; ten is where Node would print a warning.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', onAbort, { once: true });
    }
    if (timeout !== undefined) {
      timer = setTimeout(() => abandon(new RpcError(Code.DEADLINE_EXCEEDED, 'the deadline has passed')), timeout);
    }
    stream = connection.open(requestFields(target, path, options), handler);
  }

  return {
    write(message) {
      const open = stream;
      if (ended || !open) return unwatched(Promise.reject(failure ?? new RpcError(Code.OK, 'the call has ended')));
      return writes.add((sent) => open.write(framedMessage(message), sent));
    },
    end(last) {
      if (ended) return;
      stream?.write(last ? framedMessage(last) : [], undefined, true);
    },
    read: inbox.read,
    cancel: () => abandon(new RpcError(Code.CANCELLED, 'the call was cancelled')),
  };
}

function requestFields(target: Target, path: string, { metadata = [], timeout }: CallOptions): HeaderField[] {
  const fields: HeaderField[] = [
    [':method', 'POST'],
    [':scheme', target.scheme],
    [':path', path],
    [':authority', target.authority],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ['user-agent', 'nerdctl'],
  ];
  if (timeout !== undefined) fields.push(['grpc-timeout', encodeTimeout(timeout)]);
  fields.push(...metadata);
  return fields;
}

/** At most eight digits and a unit. */
export function encodeTimeout(milliseconds: number): string {
  const whole = Math.max(0, Math.ceil(milliseconds));
  if (whole < 1e8) return `${whole}m`;
  return `${Math.min(Math.ceil(whole / 1000), 99_999_999)}S`;
}

function statusOf(trailers: readonly HeaderField[]): RpcError | undefined {
  const status = fieldOf(trailers, 'grpc-status');
  if (status === '0') return undefined;
  const details = decodeMessage(fieldOf(trailers, 'grpc-message') ?? '');
  const bin = fieldOf(trailers, 'grpc-status-details-bin');
  const statusDetails = bin === undefined ? undefined : Buffer.from(bin, 'base64');
  const code = Number(status);
  if (!Number.isInteger(code))
    return new RpcError(Code.UNKNOWN, details || 'the server ended the call without a status');
  return new RpcError(code, details, { statusDetails });
}

function errorOf(failure: StreamFailure): RpcError {
  switch (failure.kind) {
    case 'dial':
    case 'lost':
      return new RpcError(Code.UNAVAILABLE, failure.error.message, { cause: failure.error, transport: failure.kind });
    case 'refused':
      return new RpcError(Code.UNAVAILABLE, 'the server is going away', { transport: 'lost', unprocessed: true });
    case 'reset':
      return resetError(failure.h2Code);
  }
}

/** gRPC over HTTP2, "Errors". */
function resetError(h2Code: number): RpcError {
  const details = `the server reset the call (HTTP/2 error ${h2Code})`;
  switch (h2Code) {
    case H2Code.REFUSED_STREAM:
      return new RpcError(Code.UNAVAILABLE, details, { unprocessed: true });
    case H2Code.CANCEL:
      return new RpcError(Code.CANCELLED, details);
    case H2Code.ENHANCE_YOUR_CALM:
      return new RpcError(Code.RESOURCE_EXHAUSTED, details);
    case H2Code.INADEQUATE_SECURITY:
      return new RpcError(Code.PERMISSION_DENIED, details);
    default:
      return new RpcError(Code.INTERNAL, details);
  }
}
