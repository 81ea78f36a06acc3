import { setMaxListeners } from 'node:events';
import type { ClientStream, Connection, StreamFailure } from './connection.ts';
import { H2Code } from './frames.ts';
import type { HeaderField } from './hpack.ts';
import { framedMessage, messageReader } from './messages.ts';
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
  write(message: Uint8Array): Promise<void>;
  /** Half-closes, after one last message if there is one. */
  end(last?: Uint8Array): void;
  /** The next message; undefined when the call ended with OK. One read at a time. */
  read(): Promise<Uint8Array | undefined>;
  cancel(): void;
}

interface Waiter {
  resolve(message: Uint8Array | undefined): void;
  reject(error: RpcError): void;
}

export function startCall(connection: Connection, path: string, options: CallOptions): MessageStream {
  const { signal, timeout } = options;
  const messages: Buffer[] = [];
  const writes = new Set<(error: RpcError) => void>();
  let stream: ClientStream | undefined;
  let reader: Waiter | undefined;
  let ended = false;
  let failure: RpcError | undefined;
  let timer: NodeJS.Timeout | undefined;
  let responded = false;
  /** Bytes that came, that wait in `messages`, and that the server may send anew. */
  let received = 0;
  let waiting = 0;
  let credited = 0;

  const takeChunk = messageReader((message) => {
    if (reader) {
      reader.resolve(message);
      reader = undefined;
      return;
    }
    messages.push(message);
    waiting += message.length;
  });

  function finish(error?: RpcError): void {
    if (ended) return;
    ended = true;
    failure = error;
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    if (error) reader?.reject(error);
    else reader?.resolve(undefined);
    reader = undefined;
    for (const reject of writes) reject(error ?? new RpcError(Code.OK, 'the call has ended'));
    writes.clear();
  }

  /** Ends the call from this side: what the server sent and nobody read is gone. */
  function abandon(error: RpcError): void {
    if (ended) return;
    messages.length = 0;
    stream?.reset();
    finish(error);
  }

  function onAbort(): void {
    abandon(new RpcError(Code.CANCELLED, 'the call was cancelled', { cause: signal?.reason }));
  }

  function credit(): void {
    const bytes = received - waiting - credited;
    credited += bytes;
    stream?.credit(bytes);
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
      received += chunk.length;
      try {
        takeChunk(chunk);
      } catch (error) {
        abandon(new RpcError(Code.INTERNAL, (error as Error).message));
        return;
      }
      credit();
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
    stream = connection.open(requestFields(path, options), handler);
  }

  return {
    write(message) {
      return new Promise((resolve, reject) => {
        if (ended || !stream) {
          reject(failure ?? new RpcError(Code.OK, 'the call has ended'));
          return;
        }
        writes.add(reject);
        stream.write(framedMessage(message), () => {
          writes.delete(reject);
          resolve();
        });
      });
    },
    end(last) {
      if (ended) return;
      stream?.write(last ? framedMessage(last) : [], undefined, true);
    },
    read() {
      const message = messages.shift();
      if (message) {
        waiting -= message.length;
        if (!ended) credit();
        return Promise.resolve(message);
      }
      if (failure) return Promise.reject(failure);
      if (ended) return Promise.resolve(undefined);
      if (reader) return Promise.reject(new RpcError(Code.INTERNAL, 'two reads of one call at a time'));
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
      });
    },
    cancel: () => abandon(new RpcError(Code.CANCELLED, 'the call was cancelled')),
  };
}

function requestFields(path: string, { metadata = [], timeout }: CallOptions): HeaderField[] {
  const fields: HeaderField[] = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'],
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

function fieldOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => field[0] === name)?.[1];
}

function statusOf(trailers: readonly HeaderField[]): RpcError | undefined {
  const status = fieldOf(trailers, 'grpc-status');
  if (status === '0') return undefined;
  const details = decodeMessage(fieldOf(trailers, 'grpc-message') ?? '');
  const code = Number(status);
  if (!Number.isInteger(code))
    return new RpcError(Code.UNKNOWN, details || 'the server ended the call without a status');
  return new RpcError(code, details);
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
