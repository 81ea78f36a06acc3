import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Metadata, Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import { type Channel, createChannel } from '../../../src/grpc/channel.ts';
import { dialUnix } from '../../../src/grpc/dial.ts';

const same = (bytes: Buffer) => bytes;

export type Handler = UntypedHandleCall;

/** Methods of the service `/test.Peer/` by name; a name may begin with `client-` or `server-` or `both-` for its streams. */
export async function startServer(path: string, methods: Record<string, Handler>): Promise<Server> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const definition = Object.fromEntries(
    Object.keys(methods).map((name) => [
      name,
      {
        path: `/test.Peer/${name}`,
        requestStream: /^(client|both)-/.test(name),
        responseStream: /^(server|both)-/.test(name),
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    ]),
  );
  server.addService(definition, methods);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return server;
}

export interface Peer {
  path: string;
  server: Server;
  channel: Channel;
}

/** A grpc-js server on a socket of its own, and our channel to it, both gone after the test. */
export async function peer(t: TestContext, methods: Record<string, Handler>): Promise<Peer> {
  const path = socketPath(t);
  const server = await startServer(path, methods);
  const channel = createChannel(dialUnix(path));
  t.after(() => {
    channel.close();
    server.forceShutdown();
  });
  return { path, server, channel };
}

export function socketPath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'nerdctl-grpc-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'peer.sock');
}

/** A unary handler that answers with what it got. */
export function echo(
  call: { request: Buffer; metadata: Metadata },
  answer: (error: null, reply: Buffer) => void,
): void {
  answer(null, call.request);
}
