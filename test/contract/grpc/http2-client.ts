import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Node's HTTP/2 client on a transport, with limits that large calls pass. */
export function http2Session(transport: Duplex): ClientHttp2Session {
  return connect('http://localhost', {
    createConnection: () => transport as Socket,
    maxSendHeaderBlockLength: 1 << 24,
    maxSessionMemory: 1000,
    settings: { initialWindowSize: 16 << 20, enablePush: false },
  });
}

/** The message behind its prefix. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Cuts a body into its messages. */
export function messagesOf(body: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    messages.push(body.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

export function openRequest(session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}) {
  const fixed = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  return session.request({ ...fixed, ...headers });
}

export interface Answer {
  first: IncomingHttpHeaders;
  trailers: IncomingHttpHeaders;
  body: Buffer;
  /** From the trailers, or from the only header list. */
  status: string | string[] | undefined;
  message: string | string[] | undefined;
}

export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let first: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on('response', (fields) => {
    first = fields;
  });
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const last = trailers['grpc-status'] === undefined ? first : trailers;
  return {
    first,
    trailers,
    body: Buffer.concat(chunks),
    status: last['grpc-status'],
    message: last['grpc-message'],
  };
}

/** One call with a whole request body. */
export async function request(
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const stream = openRequest(session, path, headers);
  stream.end(body);
  return answerOf(stream);
}
