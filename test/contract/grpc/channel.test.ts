import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import {
  type Deadline,
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { createChannel, type MessageStream } from '../../../src/grpc/channel.ts';
import { dialUnix } from '../../../src/grpc/dial.ts';
import { Code } from '../../../src/grpc/status.ts';
import { echo, type Handler, peer, socketPath, startServer } from './peer.ts';

type Writable = ServerWritableStream<Buffer, Buffer>;
type Readable = ServerReadableStream<Buffer, Buffer>;
type Both = ServerDuplexStream<Buffer, Buffer>;
type Unary = {
  request: Buffer;
  metadata: Metadata;
  getDeadline(): Deadline;
  on(event: 'cancelled', f: () => void): void;
};
type Answer = (error: object | null, reply?: Buffer, trailers?: Metadata) => void;

const path = (method: string) => `/test.Peer/${method}`;
const hello = Buffer.from('hello');
const MEGABYTE = 1 << 20;

async function all(stream: MessageStream): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (;;) {
    const message = await stream.read();
    if (!message) return messages;
    messages.push(message);
  }
}

const never = (() => {}) as Handler;

describe('unary calls', () => {
  for (const size of [0, 1, 16_384, 65_536, 50 * MEGABYTE]) {
    it(`carry ${size} bytes both ways`, async (t) => {
      const { channel } = await peer(t, { echo: echo as Handler });
      const message = Buffer.alloc(size, 'nerdctl');
      assert.equal(Buffer.compare(await channel.unary(path('echo'), message), message), 0);
    });
  }

  it('run in parallel on one connection', async (t) => {
    const { channel } = await peer(t, { echo: echo as Handler });
    const messages = Array.from({ length: 200 }, (_, index) => Buffer.from(`message ${index}`));
    const replies = await Promise.all(messages.map((message) => channel.unary(path('echo'), message)));
    assert.deepEqual(replies, messages);
  });

  const failures: [number, string][] = [
    [Code.NOT_FOUND, 'container "x" not found'],
    [Code.FAILED_PRECONDITION, '100% — two\nlines, ünïcode ✓'],
    [Code.UNKNOWN, ''],
  ];
  for (const [code, details] of failures) {
    it(`reject with status ${code} and its message ${JSON.stringify(details)}`, async (t) => {
      const { channel } = await peer(t, { fail: ((_: Unary, answer: Answer) => answer({ code, details })) as Handler });
      await assert.rejects(channel.unary(path('fail'), hello), { name: 'RpcError', code, details, message: details });
    });
  }

  it('reject when the method does not exist', async (t) => {
    const { channel } = await peer(t, { echo: echo as Handler });
    await assert.rejects(channel.unary(path('nothing'), hello), { code: Code.UNIMPLEMENTED });
  });

  it('carry large metadata both ways', async (t) => {
    const value = 'v'.repeat(30_000);
    const seen: unknown[] = [];
    const method = (call: Unary, answer: Answer) => {
      seen.push(call.metadata.get('large'), call.metadata.get('containerd-namespace'));
      const trailers = new Metadata();
      trailers.set('large', value);
      answer(null, call.request, trailers);
    };
    const { channel } = await peer(t, { method: method as Handler });
    const metadata = [
      ['large', value],
      ['containerd-namespace', 'k8s.io'],
    ] as const;
    assert.deepEqual(await channel.unary(path('method'), hello, { metadata }), hello);
    assert.deepEqual(seen, [[value], ['k8s.io']]);
  });

  it('end at their deadline, which the server knows', async (t) => {
    let deadline = Number.NaN;
    const { channel } = await peer(t, {
      method: ((call: Unary) => {
        deadline = Number(call.getDeadline());
      }) as Handler,
    });
    const before = Date.now();
    await assert.rejects(channel.unary(path('method'), hello, { timeout: 300 }), { code: Code.DEADLINE_EXCEEDED });
    assert.ok(deadline >= before && deadline <= before + 5000, `deadline ${deadline - before} ms after the start`);
  });

  it('are cancelled by a signal that many share, here and on the server', async (t) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    const calls = 50;
    let arrived = 0;
    let cancelled = 0;
    const controller = new AbortController();
    const done = new Promise<void>((resolve) => {
      const method = (call: Unary) => {
        call.on('cancelled', () => ++cancelled === calls && resolve());
        if (++arrived === calls) controller.abort(new Error('Ctrl-C'));
      };
      peer(t, { method: method as Handler }).then(async ({ channel }) => {
        const { signal } = controller;
        const results = await Promise.allSettled(
          Array.from({ length: calls }, () => channel.unary(path('method'), hello, { signal })),
        );
        for (const result of results) {
          assert.equal(result.status === 'rejected' && result.reason.code, Code.CANCELLED);
        }
        await assert.rejects(channel.unary(path('method'), hello, { signal }), { code: Code.CANCELLED });
      });
    });
    await done;
    assert.deepEqual(warnings, []);
  });
});

describe('streams', () => {
  it('carry a server stream to its end', async (t) => {
    const method = (call: Writable) => {
      for (let index = 0; index < 1000; index++) call.write(Buffer.from(`${call.request}${index}`));
      call.end();
    };
    const { channel } = await peer(t, { 'server-count': method as Handler });
    const stream = channel.stream(path('server-count'));
    stream.end(hello);
    const messages = await all(stream);
    assert.equal(messages.length, 1000);
    assert.equal(String(messages[999]), 'hello999');
  });

  it('give the messages before the error', async (t) => {
    const method = (call: Writable) => {
      call.write(hello);
      call.emit('error', { code: Code.ABORTED, details: 'enough' });
    };
    const { channel } = await peer(t, { 'server-fail': method as Handler });
    const stream = channel.stream(path('server-fail'));
    stream.end(hello);
    assert.deepEqual(await stream.read(), hello);
    await assert.rejects(stream.read(), { code: Code.ABORTED, details: 'enough' });
  });

  it('carry a client stream', async (t) => {
    const method = (call: Readable, answer: Answer) => {
      let total = 0;
      call.on('data', (message: Buffer) => (total += message.length));
      call.on('end', () => answer(null, Buffer.from(String(total))));
    };
    const { channel } = await peer(t, { 'client-sum': method as Handler });
    const stream = channel.stream(path('client-sum'));
    for (let index = 0; index < 50; index++) await stream.write(Buffer.alloc(MEGABYTE));
    stream.end();
    assert.deepEqual((await all(stream)).map(String), [String(50 * MEGABYTE)]);
  });

  it('carry messages both ways at once', async (t) => {
    const method = (call: Both) => call.pipe(call as unknown as NodeJS.WritableStream);
    const { channel } = await peer(t, { 'both-echo': method as Handler });
    const stream = channel.stream(path('both-echo'));
    for (let index = 0; index < 20; index++) {
      await stream.write(Buffer.from(`ping ${index}`));
      assert.equal(String(await stream.read()), `ping ${index}`);
    }
    const reading = all(stream);
    for (let index = 0; index < 50; index++) await stream.write(Buffer.alloc(MEGABYTE, index));
    stream.end();
    const messages = await reading;
    assert.deepEqual(
      messages.map((message) => [message.length, message[0]]),
      Array.from({ length: 50 }, (_, index) => [MEGABYTE, index]),
    );
  });

  it('hold the server up while nobody reads, and other calls go on', async (t) => {
    let sent = 0;
    const method = async (call: Writable) => {
      while (sent < 50 && !call.cancelled) {
        sent++;
        await new Promise<void>((resolve) => call.write(Buffer.alloc(MEGABYTE, sent), () => resolve()));
      }
      call.end();
    };
    const { channel } = await peer(t, { 'server-flood': method as unknown as Handler, echo: echo as Handler });
    const stream = channel.stream(path('server-flood'));
    stream.end(hello);
    await stream.read();
    for (let index = 0; index < 50; index++) await channel.unary(path('echo'), Buffer.alloc(MEGABYTE));
    assert.ok(sent < 20, `${sent} MB were taken from the server`);
    assert.equal((await all(stream)).length, 49);
  });

  it('hold the writer up while the server does not read', async (t) => {
    let release = () => {};
    const method = (call: Readable, answer: Answer) => {
      release = () => call.resume();
      call.on('end', () => answer(null, hello));
    };
    const { channel } = await peer(t, { 'client-slow': method as Handler, echo: echo as Handler });
    const stream = channel.stream(path('client-slow'));
    let written = 0;
    const writing = (async () => {
      for (; written < 50; written++) await stream.write(Buffer.alloc(MEGABYTE));
      stream.end();
    })();
    for (let index = 0; index < 20; index++) await channel.unary(path('echo'), hello);
    assert.ok(written < 10, `${written} MB were taken from the writer`);
    release();
    await writing;
    assert.deepEqual(await all(stream), [hello]);
  });

  it('tell the server when they are cancelled, and refuse to go on', async (t) => {
    const { promise, resolve } = deferred();
    const method = (call: Both) => {
      call.on('cancelled', resolve);
      call.write(hello);
    };
    const { channel } = await peer(t, { 'both-wait': method as Handler });
    const stream = channel.stream(path('both-wait'));
    await stream.write(hello);
    await stream.read();
    const reading = stream.read();
    stream.cancel();
    await assert.rejects(reading, { code: Code.CANCELLED });
    await assert.rejects(stream.write(hello), { code: Code.CANCELLED });
    await promise;
  });
});

describe('connections', () => {
  it('that cannot be made reject with the cause', async (t) => {
    const channel = createChannel(dialUnix(socketPath(t)));
    const error = await channel.unary(path('echo'), hello).catch((reason) => reason);
    assert.deepEqual([error.code, error.transport, error.cause.code], [Code.UNAVAILABLE, 'dial', 'ENOENT']);
  });

  for (const [name, answer] of [
    ['speaks HTTP/1', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['hangs up', ''],
  ] as const) {
    it(`to something that ${name} reject`, async (t) => {
      const socket = socketPath(t);
      const server = createServer((client) => {
        client.on('error', () => {});
        client.end(answer);
      });
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      t.after(() => server.close());
      const error = await createChannel(dialUnix(socket))
        .unary(path('echo'), hello)
        .catch((reason) => reason);
      assert.deepEqual([error.code, error.transport], [Code.UNAVAILABLE, 'dial']);
      assert.match(error.message, answer ? /does not speak gRPC/ : /closed|EPIPE|ECONNRESET/);
    });
  }

  it('that break reject every call at once', async (t) => {
    let arrived = 0;
    const { channel, server } = await peer(t, { wait: (() => ++arrived === 10 && server.forceShutdown()) as Handler });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => channel.unary(path('wait'), hello)));
    for (const result of results) {
      assert.ok(result.status === 'rejected');
      assert.ok([Code.UNAVAILABLE, Code.CANCELLED].includes(result.reason.code), String(result.reason));
    }
  });

  it('are made anew when the server is back', async (t) => {
    const { channel, server, path: socket } = await peer(t, { echo: echo as Handler });
    await channel.unary(path('echo'), hello);
    await new Promise((resolve) => server.tryShutdown(resolve));
    await assert.rejects(channel.unary(path('echo'), hello), { code: Code.UNAVAILABLE, transport: 'dial' });
    const second = await startServer(socket, { echo: echo as Handler });
    t.after(() => second.forceShutdown());
    assert.deepEqual(await channel.unary(path('echo'), hello), hello);
  });

  it('finish what is in flight when the server goes away', async (t) => {
    const { channel, server } = await peer(t, {
      slow: ((call: Unary, answer: Answer) => {
        server.tryShutdown(() => {});
        setImmediate(() => answer(null, call.request));
      }) as Handler,
    });
    assert.deepEqual(await channel.unary(path('slow'), hello), hello);
  });

  it('reject what is in flight when the channel is closed', async (t) => {
    const { channel } = await peer(t, { wait: never });
    const call = channel.unary(path('wait'), hello);
    channel.close();
    await assert.rejects(call, { code: Code.UNAVAILABLE });
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
