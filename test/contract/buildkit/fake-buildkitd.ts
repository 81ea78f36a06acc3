import type { ClientHttp2Session } from 'node:http2';
import { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { type Metadata, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { BytesMessage } from '../../../src/gen/moby/buildkit/v1/control.ts';
import { http2Session } from '../grpc/http2-client.ts';
import { socketPath } from '../grpc/peer.ts';

type SessionCall = ServerDuplexStream<Buffer, Buffer>;

/** What the daemon sees of a session, and its connection to what is served there. */
export interface DaemonSession {
  id: string;
  metadata: Metadata;
  call: SessionCall;
  /** Node's HTTP/2 client through the tunnel: what BuildKit is for our server. */
  http2: ClientHttp2Session;
}

export interface FakeMethods {
  /** Of Control, by name: a unary call, or a stream as it comes. */
  unary?: Record<string, (request: Buffer, call: { on(event: 'cancelled', then: () => void): void }) => unknown>;
  streams?: Record<string, (call: SessionCall) => void>;
  /** Instead of opening the tunnel. */
  onSession?(call: SessionCall): void;
}

const same = (bytes: Buffer) => bytes;

/** A buildkitd of grpc-js and node:http2, on a socket of its own. */
export async function fakeBuildkitd(t: TestContext, methods: FakeMethods = {}) {
  const path = socketPath(t);
  const waiting: ((session: DaemonSession) => void)[] = [];
  const opened: DaemonSession[] = [];
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const handlers: Record<string, (call: never, answer: never) => void> = {};

  for (const [name, method] of Object.entries(methods.unary ?? {})) {
    handlers[name] = (call: { request: Buffer; on(): void }, answer: (error: unknown, reply?: unknown) => void) => {
      Promise.resolve()
        .then(() => method(call.request, call))
        .then((reply) => answer(null, reply), answer);
    };
  }
  for (const [name, method] of Object.entries(methods.streams ?? {})) handlers[name] = method;
  handlers.Session = (call: SessionCall) => {
    call.on('error', () => {});
    if (methods.onSession) {
      methods.onSession(call);
      return;
    }
    const [id] = call.metadata.get('x-docker-expose-session-uuid');
    const http2 = http2Session(bytesOf(call));
    http2.on('error', () => {});
    const session = { id: String(id), metadata: call.metadata, call, http2 };
    const next = waiting.shift();
    if (next) next(session);
    else opened.push(session);
  };

  const unary = new Set(Object.keys(methods.unary ?? {}));
  const definition = Object.fromEntries(
    Object.keys(handlers).map((name) => [
      name,
      {
        path: `/moby.buildkit.v1.Control/${name}`,
        requestStream: !unary.has(name),
        responseStream: !unary.has(name),
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    ]),
  );
  server.addService(definition, handlers as never);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  t.after(() => server.forceShutdown());
  return {
    address: `unix://${path}`,
    path,
    server,
    /** The next session that is opened, or one that was. */
    session: () =>
      new Promise<DaemonSession>((resolve) => {
        const session = opened.shift();
        if (session) resolve(session);
        else waiting.push(resolve);
      }),
  };
}

/** The byte stream in a call of BytesMessages. */
function bytesOf(call: SessionCall): Duplex {
  const duplex = new Duplex({
    read: () => void call.resume(),
    write(data: Buffer, _encoding, done) {
      call.write(Buffer.from(BytesMessage.encode({ data }).finish()), done);
    },
    final(done) {
      call.end();
      done();
    },
  });
  call.on('data', (message: Buffer) => {
    if (!duplex.push(BytesMessage.decode(message).data)) call.pause();
  });
  call.on('end', () => duplex.push(null));
  call.on('cancelled', () => duplex.destroy());
  return duplex;
}
