import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { createChannel } from '../../../src/grpc/channel.ts';
import { dialUnix } from '../../../src/grpc/dial.ts';
import { FrameType, frame, PREFACE, settingsFrame } from '../../../src/grpc/frames.ts';
import { type Handler, type ServerCall, serveConnection } from '../../../src/grpc/server.ts';
import { Code, RpcError } from '../../../src/grpc/status.ts';
import { duplexPair } from './duplex-pair.ts';
import { framed, http2Session, request } from './http2-client.ts';
import { socketPath } from './peer.ts';

const MEGABYTE = 1 << 20;
const hello = Buffer.from('hello');
const same = (bytes: Buffer) => bytes;
const path = (method: string) => `/test.Peer/${method}`;

async function all(call: ServerCall): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (let message = await call.read(); message; message = await call.read()) messages.push(message);
  return messages;
}

const echo: Handler = async (call) => {
  for (let message = await call.read(); message; message = await call.read()) await call.write(message);
};

const handlersOf = (methods: Record<string, Handler>) =>
  new Map(Object.entries(methods).map(([name, handler]) => [path(name), handler]));

/** Our server on a socket of its own. */
async function listen(t: TestContext, methods: Record<string, Handler>) {
  const address = socketPath(t);
  const connections: ReturnType<typeof serveConnection>[] = [];
  const server = createServer((socket) => connections.push(serveConnection(socket, handlersOf(methods))));
  server.listen(address);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const connection of connections) connection.close();
  });
  return { address, connections };
}

async function grpcClient(t: TestContext, methods: Record<string, Handler>) {
  const { address, connections } = await listen(t, methods);
  const client = new Client(`unix:${address}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  t.after(() => client.close());
  const unary = (method: string, message = hello, metadata = new Metadata()) =>
    new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(path(method), same, same, message, metadata, {}, (error, reply) =>
        error ? reject(error) : resolve(reply!),
      );
    });
  return { client, unary, connections };
}

type Session = { session: ClientHttp2Session; transport: Duplex };

async function http2OverSocket(t: TestContext, methods: Record<string, Handler>): Promise<Session> {
  const { address } = await listen(t, methods);
  const transport = connect(address);
  const session = http2Session(transport);
  t.after(() => session.destroy());
  return { session, transport };
}

async function http2InMemory(t: TestContext, methods: Record<string, Handler>): Promise<Session> {
  const [near, far] = duplexPair();
  serveConnection(far, handlersOf(methods));
  const session = http2Session(near);
  t.after(() => session.destroy());
  return { session, transport: near };
}

describe('to a grpc-js client the server', () => {
  for (const size of [0, 1, 16_384, 65_536, 50 * MEGABYTE]) {
    it(`echoes ${size} bytes`, async (t) => {
      const { unary } = await grpcClient(t, { echo });
      const message = Buffer.alloc(size, 'nerdctl');
      assert.equal(Buffer.compare(await unary('echo', message), message), 0);
    });
  }

  it('answers many calls at a time', async (t) => {
    const { unary } = await grpcClient(t, { echo });
    const messages = Array.from({ length: 500 }, (_, index) => Buffer.from(`message ${index}`));
    assert.deepEqual(await Promise.all(messages.map((message) => unary('echo', message))), messages);
  });

  const failures: [unknown, number, string][] = [
    [new RpcError(Code.NOT_FOUND, 'no secret "x"'), Code.NOT_FOUND, 'no secret "x"'],
    [new RpcError(Code.ABORTED, '100% — two\nlines, ünïcode ✓'), Code.ABORTED, '100% — two\nlines, ünïcode ✓'],
    [new Error('it broke'), Code.UNKNOWN, 'it broke'],
  ];
  for (const [thrown, code, details] of failures) {
    it(`ends a call with status ${code} and ${JSON.stringify(details)}`, async (t) => {
      const fail: Handler = async () => {
        throw thrown;
      };
      const { unary } = await grpcClient(t, { fail });
      await assert.rejects(unary('fail'), { code, details });
    });
  }

  it('gives the messages before the error', async (t) => {
    const fail: Handler = async (call) => {
      await call.write([Buffer.from('he'), Buffer.from('llo')]);
      throw new RpcError(Code.ABORTED, 'enough', { statusDetails: Buffer.from([1, 2, 3, 250]) });
    };
    const { client } = await grpcClient(t, { fail });
    const stream = client.makeServerStreamRequest(path('fail'), same, same, hello);
    const messages: Buffer[] = [];
    stream.on('data', (message) => messages.push(message));
    const [error] = (await once(stream, 'error')) as [ServiceError];
    assert.deepEqual(messages, [hello]);
    assert.deepEqual([error.code, error.details], [Code.ABORTED, 'enough']);
    assert.deepEqual(error.metadata.get('grpc-status-details-bin'), [Buffer.from([1, 2, 3, 250])]);
  });

  it('does not know a method', async (t) => {
    const { unary } = await grpcClient(t, { echo });
    await assert.rejects(unary('nothing'), { code: Code.UNIMPLEMENTED, details: `unknown method ${path('nothing')}` });
  });

  it('carries messages both ways at once, in order', async (t) => {
    const { client } = await grpcClient(t, { echo });
    const stream = client.makeBidiStreamRequest(path('echo'), same, same);
    const seen: [number, number][] = [];
    stream.on('data', (message: Buffer) => seen.push([message.length, message[0]!]));
    for (let index = 0; index < 50; index++) stream.write(Buffer.alloc(MEGABYTE + index, index));
    stream.end();
    await once(stream, 'end');
    assert.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, index) => [MEGABYTE + index, index]),
    );
  });

  it('sends what is not awaited, down to the smallest messages', async (t) => {
    const count = 100_000;
    const flood: Handler = async (call) => {
      for (let index = 0; index < count; index++) void call.write(Buffer.from(String(index)));
    };
    const { client } = await grpcClient(t, { flood });
    const stream = client.makeServerStreamRequest(path('flood'), same, same, hello);
    let next = 0;
    stream.on('data', (message: Buffer) => {
      assert.equal(String(message), String(next++));
    });
    await once(stream, 'end');
    assert.equal(next, count);
  });

  it('tells the handler when the call is cancelled', async (t) => {
    let started = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    let seen: unknown[] = [];
    const ended = new Promise<void>((resolve) => {
      const wait: Handler = async (call) => {
        await call.write(hello);
        started();
        await once(call.signal, 'abort');
        seen = await Promise.all([call.read(), call.write(hello)].map((work) => work.catch(({ code }) => code)));
        resolve();
      };
      void grpcClient(t, { wait }).then(async ({ client }) => {
        const stream = client.makeBidiStreamRequest(path('wait'), same, same);
        stream.on('error', () => {});
        await running;
        stream.cancel();
      });
    });
    await ended;
    assert.deepEqual(seen, [Code.CANCELLED, Code.CANCELLED]);
  });

  it('holds a handler up whose peer does not read, and goes on with others', async (t) => {
    let written = 0;
    const flood: Handler = async (call) => {
      for (; written < 50; written++) await call.write(Buffer.alloc(MEGABYTE));
    };
    const { client, unary } = await grpcClient(t, { flood, echo });
    const stream = client.makeServerStreamRequest(path('flood'), same, same, hello);
    await once(stream, 'metadata');
    for (let index = 0; index < 20; index++) await unary('echo');
    assert.ok(written < 10, `${written} MB were taken from the handler`);
    let got = 0;
    stream.on('data', () => got++);
    await once(stream, 'end');
    assert.equal(got, 50);
  });

  it('holds the peer up while the handler does not read', async (t) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Handler = async (call) => {
      await released;
      await call.write(Buffer.from(String((await all(call)).length)));
    };
    const { client, unary } = await grpcClient(t, { slow, echo });
    let reply = '';
    const answered = new Promise<void>((resolve, reject) => {
      const stream = client.makeClientStreamRequest(path('slow'), same, same, (error, message) => {
        reply = String(message);
        error ? reject(error) : resolve();
      });
      let sent = 0;
      const next = () => {
        if (sent++ < 50) stream.write(Buffer.alloc(MEGABYTE), next);
        else stream.end();
      };
      next();
      void (async () => {
        for (let index = 0; index < 50; index++) await unary('echo');
        assert.ok(sent < 25, `${sent} MB were taken from the peer`);
        release();
      })();
    });
    await answered;
    assert.equal(reply, '50');
  });

  it('ends what is in flight when it is closed', async (t) => {
    let call: ServerCall | undefined;
    const wait: Handler = async (given) => {
      call = given;
      connections[0]!.close();
      await once(given.signal, 'abort');
    };
    const { unary, connections } = await grpcClient(t, { wait });
    await assert.rejects(unary('wait'), ({ code }) => code === Code.UNAVAILABLE || code === Code.CANCELLED);
    await connections[0]!.closed;
    assert.equal(call?.signal.aborted, true);
  });
});

for (const [name, open] of [
  ['over a socket', http2OverSocket],
  ['in memory', http2InMemory],
] as const) {
  describe(`to node's http2 ${name} the server`, () => {
    it('keeps repeated metadata apart and in order, thousands of them', async (t) => {
      const patterns = Array.from({ length: 3000 }, (_, index) => `**/pattern, ${index} ${'x'.repeat(index % 100)}`);
      let seen: ServerCall['metadata'] = [];
      const method: Handler = async (call) => {
        seen = call.metadata;
        await call.write(hello);
      };
      const { session } = await open(t, { method });
      const headers = { 'exclude-patterns': patterns, 'dir-name': 'context' };
      const { trailers } = await request(session, path('method'), framed(hello), headers);
      assert.equal(trailers['grpc-status'], '0');
      const values = seen.filter(([key]) => key === 'exclude-patterns').map(([, value]) => value);
      assert.deepEqual(values, patterns);
      assert.deepEqual(
        seen.filter(([key]) => key.startsWith(':')),
        [],
      );
    });

    it('answers an unknown method with trailers only', async (t) => {
      const { session } = await open(t, {});
      const { first, trailers, body } = await request(session, path('no%thing'), framed(hello));
      assert.deepEqual(
        [first[':status'], first['content-type'], first['grpc-status'], first['grpc-message']],
        [200, 'application/grpc', '12', 'unknown method /test.Peer/no%25thing'],
      );
      assert.deepEqual([{ ...trailers }, body.length], [{}, 0]);
    });

    it('answers before the request has ended', async (t) => {
      const early: Handler = async (call) => {
        await call.read();
        await call.write(hello);
      };
      const { session } = await open(t, { early });
      const stream = session.request({ ':method': 'POST', ':path': path('early') });
      stream.write(framed(hello));
      const [trailers] = await once(stream, 'trailers');
      assert.equal(trailers['grpc-status'], '0');
      stream.close();
    });

    it('carries 50 MB both ways', async (t) => {
      const { session } = await open(t, { echo });
      const body = Buffer.concat(Array.from({ length: 50 }, (_, index) => framed(Buffer.alloc(MEGABYTE, index))));
      const reply = await request(session, path('echo'), body);
      assert.equal(Buffer.compare(reply.body, body), 0);
    });

    it('refuses compressed messages', async (t) => {
      const { session } = await open(t, { echo });
      const { first } = await request(session, path('echo'), Buffer.concat([Buffer.of(1), framed(hello).subarray(1)]));
      assert.equal(first['grpc-status'], '12');
    });

    it('tells the handler when the peer is gone', async (t) => {
      let transport: Duplex | undefined;
      const aborted = new Promise<void>((resolve) => {
        const wait: Handler = async (call) => {
          transport?.destroy();
          await once(call.signal, 'abort');
          resolve();
        };
        void open(t, { wait }).then((opened) => {
          transport = opened.transport;
          opened.session.on('error', () => {});
          request(opened.session, path('wait'), framed(hello)).catch(() => {});
        });
      });
      await aborted;
    });
  });
}

describe('a peer that breaks the protocol loses the connection:', () => {
  const settings = settingsFrame([]);
  const headers = (id: number) =>
    frame(
      FrameType.HEADERS,
      4,
      id,
      Buffer.concat([Buffer.of(0x83, 0x04, path('wait').length), Buffer.from(path('wait'))]),
    );
  const flood = Array.from({ length: 1100 }, () => frame(FrameType.DATA, 0, 1, Buffer.alloc(16_384)));

  const cases: [string, Buffer[]][] = [
    ['no preface', [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]],
    ['no SETTINGS', [PREFACE, headers(1)]],
    ['a stream of the server’s numbers', [PREFACE, settings, headers(2)]],
    ['a frame that is too large', [PREFACE, settings, frame(FrameType.DATA, 0, 1, Buffer.alloc(20_000))]],
    ['garbage as headers', [PREFACE, settings, frame(FrameType.HEADERS, 4, 1, Buffer.from([0xff, 0xff, 0xff, 0xff]))]],
    ['more data than the window', [PREFACE, settings, headers(1), ...flood]],
  ];
  for (const [name, bytes] of cases) {
    it(name, async () => {
      const [near, far] = duplexPair();
      let aborted = 0;
      const wait: Handler = async (call) => {
        await once(call.signal, 'abort');
        aborted++;
      };
      const { closed } = serveConnection(far, handlersOf({ wait }));
      const received: Buffer[] = [];
      near.on('data', (chunk: Buffer) => received.push(chunk));
      near.on('error', () => {});
      for (const part of bytes) {
        near.write(part);
        await new Promise(setImmediate);
      }
      await closed;
      const goAway = Buffer.from([FrameType.GOAWAY, 0, 0, 0, 0, 0]);
      assert.ok(Buffer.concat(received).includes(goAway), 'no GOAWAY came');
      assert.equal(aborted, bytes.length > 3 ? 1 : 0);
    });
  }
});

it('our client and our server carry the details of a status', async (t) => {
  const statusDetails = Buffer.from(Array.from({ length: 9001 }, (_, index) => index & 255));
  const fail: Handler = async () => {
    throw new RpcError(Code.UNKNOWN, 'failed to solve', { statusDetails });
  };
  const { address } = await listen(t, { fail });
  const channel = createChannel(dialUnix(address));
  t.after(() => channel.close());
  const error = await channel.unary(path('fail'), hello).catch((reason) => reason);
  assert.deepEqual([error.code, error.details], [Code.UNKNOWN, 'failed to solve']);
  assert.equal(Buffer.compare(error.statusDetails, statusDetails), 0);
});
