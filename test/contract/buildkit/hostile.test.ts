import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type BuildKit, connectBuildKit } from '../../../src/buildkit/client.ts';
import { StatusResponse } from '../../../src/gen/moby/buildkit/v1/control.ts';
import { Flag, FrameType, frame, frameHeader, headersFrames, settingsFrame } from '../../../src/grpc/frames.ts';
import { type HeaderField, headerEncoder } from '../../../src/grpc/hpack.ts';
import { type ServerCall, serveConnection } from '../../../src/grpc/server.ts';
import { Code, RpcError } from '../../../src/grpc/status.ts';
import { socketPath } from '../grpc/peer.ts';

/** A daemon that does with each connection what it likes. */
async function daemon(t: TestContext, onConnection: (socket: Socket) => void): Promise<BuildKit> {
  const path = socketPath(t);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  const buildkit = connectBuildKit({ address: `unix://${path}` });
  t.after(() => {
    buildkit.close();
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return buildkit;
}

type Method = (call: ServerCall) => Promise<void>;

/** One whose frames are in order, but not what it says. */
function badly(t: TestContext, methods: Record<string, Method>): Promise<BuildKit> {
  const handlers = new Map(
    Object.entries(methods).map(([name, method]) => [`/moby.buildkit.v1.Control/${name}`, method]),
  );
  return daemon(t, (socket) => serveConnection(socket, handlers));
}

/** Raw frames for the first stream, when its request has come. */
function frames(t: TestContext, ...bytes: Buffer[]): Promise<BuildKit> {
  return daemon(t, (socket) => {
    socket.write(settingsFrame([]));
    socket.once('data', () => socket.write(Buffer.concat(bytes)));
  });
}

const encoded = (...fields: HeaderField[]) => headerEncoder()([[':status', '200'], ...fields]);
const response = headersFrames(1, encoded(['content-type', 'application/grpc']), false, 16_384);

describe('a daemon that', () => {
  it('sends 5 MB of details with an error is heard', async (t) => {
    const statusDetails = Buffer.alloc(5_000_000, 'details');
    const buildkit = await badly(t, {
      Solve: async () => {
        throw new RpcError(Code.UNKNOWN, `failed: ${'x'.repeat(100_000)}`, { statusDetails });
      },
    });
    const error = (await buildkit.solve({}).catch((reason) => reason)) as RpcError;
    assert.deepEqual([error.code, error.details.length], [Code.UNKNOWN, 100_008]);
    assert.equal(Buffer.compare(error.statusDetails!, statusDetails), 0);
  });

  it('sends headers without end is left', async (t) => {
    const endless = Buffer.alloc(16_384);
    const more = Buffer.concat([frameHeader(endless.length, FrameType.CONTINUATION, 0, 1), endless]);
    const first = Buffer.concat([frameHeader(endless.length, FrameType.HEADERS, 0, 1), endless]);
    const buildkit = await frames(t, first, ...Array.from({ length: 1100 }, () => more));
    await assert.rejects(buildkit.solve({}), { kind: 'unavailable' });
  });

  it('knows no such build ends the status late, with its reason', async (t) => {
    const buildkit = await badly(t, {
      Solve: async () => {
        throw new RpcError(Code.UNKNOWN, 'exporter "oci" could not be found');
      },
      Status: async ({ signal }) => {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 200)), once(signal, 'abort')]);
        throw new RpcError(Code.NOT_FOUND, 'no such job r');
      },
    });
    const events = buildkit.status('r').next();
    await assert.rejects(buildkit.solve({ Ref: 'r' }), { code: Code.UNKNOWN });
    await assert.rejects(events, { code: Code.NOT_FOUND, details: 'no such job r' });
  });

  it('hangs up in the middle of a status gives what came, then one sentence', async (t) => {
    const empty = StatusResponse.encode({ vertexes: [], statuses: [], logs: [], warnings: [] }).finish();
    const buildkit = await daemon(t, (socket) => {
      const status: Method = async (call) => {
        await call.write(empty);
        // What is written in one turn goes out at its end.
        await new Promise((resolve) => setTimeout(resolve, 10));
        socket.end();
        await once(call.signal, 'abort');
      };
      serveConnection(socket, new Map([['/moby.buildkit.v1.Control/Status', status]]));
    });
    const events = buildkit.status('r');
    assert.deepEqual((await events.next()).value?.vertexes, []);
    await assert.rejects(events.next(), { kind: 'unavailable', message: /^lost the connection to BuildKit at / });
  });

  const broken: [string, (t: TestContext) => Promise<BuildKit>, object][] = [
    [
      'sends what is no message',
      (t) => badly(t, { Solve: (call) => call.write(Buffer.from('not protobuf at all')) }),
      { code: Code.INTERNAL, details: 'the answer of BuildKit cannot be read' },
    ],
    ['answers without a message', (t) => badly(t, { Solve: async () => {} }), { code: Code.INTERNAL }],
    ['does not know the method', (t) => badly(t, {}), { code: Code.UNIMPLEMENTED }],
    [
      'announces a message of 4 GB',
      (t) => frames(t, response, frame(FrameType.DATA, 0, 1, Buffer.from([0, 255, 255, 255, 255]))),
      { code: Code.INTERNAL, details: 'a message of 4294967295 bytes came' },
    ],
    [
      'compresses',
      (t) => frames(t, response, frame(FrameType.DATA, 0, 1, Buffer.from([1, 0, 0, 0, 1, 0]))),
      { code: Code.INTERNAL, details: 'a compressed message came' },
    ],
    [
      'is a web server',
      (t) => frames(t, headersFrames(1, headerEncoder()([[':status', '404']]), true, 16_384)),
      { code: Code.UNIMPLEMENTED, details: 'the server answered with HTTP status 404' },
    ],
    [
      'ends without a status',
      (t) => frames(t, response, frame(FrameType.DATA, Flag.END_STREAM, 1, Buffer.alloc(0))),
      { code: Code.INTERNAL },
    ],
    [
      'gives a status that is no number',
      (t) => frames(t, headersFrames(1, encoded(['grpc-status', 'fine']), true, 16_384)),
      { code: Code.UNKNOWN },
    ],
    [
      'resets the call',
      (t) => frames(t, frame(FrameType.RST_STREAM, 0, 1, Buffer.from([0, 0, 0, 2]))),
      { code: Code.INTERNAL },
    ],
    [
      'sends no settings',
      (t) => daemon(t, (socket) => socket.once('data', () => socket.write(response))),
      { kind: 'unavailable', message: /does not speak gRPC$/ },
    ],
    [
      'sends frames that are too large',
      (t) => frames(t, frame(FrameType.DATA, 0, 1, Buffer.alloc(20_000))),
      { kind: 'unavailable', message: /^lost the connection/ },
    ],
    [
      'pushes',
      (t) => frames(t, frame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, 1, Buffer.from([0, 0, 0, 2]))),
      { kind: 'unavailable', message: /^lost the connection/ },
    ],
  ];
  for (const [name, start, expected] of broken) {
    it(`${name} fails the build`, async (t) => {
      const buildkit = await start(t);
      await assert.rejects(buildkit.solve({ Ref: 'r' }), expected);
    });
  }
});
