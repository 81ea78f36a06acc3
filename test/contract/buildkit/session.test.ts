import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { connectBuildKit } from '../../../src/buildkit/client.ts';
import {
  BytesMessage,
  SolveRequest,
  SolveResponse,
  StatusResponse,
} from '../../../src/gen/moby/buildkit/v1/control.ts';
import type { Handler } from '../../../src/grpc/server.ts';
import { Code } from '../../../src/grpc/status.ts';
import { framed, messagesOf, openRequest, request } from '../grpc/http2-client.ts';
import { fakeBuildkitd } from './fake-buildkitd.ts';

const MEGABYTE = 1 << 20;

const echo: Handler = async (call) => {
  for (let message = await call.read(); message; message = await call.read()) await call.write(Buffer.from(message));
};
const handlers = new Map<string, Handler>([['/test.Peer/echo', echo]]);

describe('a session', () => {
  it('names itself and what it serves, and answers health checks', async (t) => {
    const daemon = await fakeBuildkitd(t);
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    const session = await buildkit.openSession({ sharedKey: 'dir:a1b2', name: 'käse', handlers });
    const { id, metadata, http2 } = await daemon.session();
    assert.equal(id, session.id);
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual(metadata.get('x-docker-expose-session-sharedkey'), ['dir:a1b2']);
    assert.deepEqual(metadata.get('x-docker-expose-session-name'), ['k?se']);
    assert.deepEqual(String(metadata.get('x-docker-expose-session-grpc-method')).split(', ').sort(), [
      '/grpc.health.v1.Health/Check',
      '/test.Peer/echo',
    ]);
    const health = await request(http2, '/grpc.health.v1.Health/Check', framed(Buffer.alloc(0)));
    assert.deepEqual([health.status, messagesOf(health.body)], ['0', [Buffer.of(8, 1)]]);
  });

  it('carries 50 MB both ways through the tunnel, beside calls of the control service', async (t) => {
    const daemon = await fakeBuildkitd(t, { unary: { ListWorkers: () => Buffer.alloc(0) } });
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    await buildkit.openSession({ sharedKey: '', handlers });
    const { http2 } = await daemon.session();
    const body = Buffer.concat(Array.from({ length: 50 }, (_, index) => framed(Buffer.alloc(MEGABYTE, index))));
    const [reply, workers] = await Promise.all([request(http2, '/test.Peer/echo', body), buildkit.listWorkers()]);
    assert.equal(Buffer.compare(reply.body, body), 0);
    assert.deepEqual(workers, []);
  });

  it('takes the tunnel in pieces of any size', async (t) => {
    const daemon = await fakeBuildkitd(t);
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    await buildkit.openSession({ sharedKey: '', handlers });
    const { http2, call } = await daemon.session();
    await request(http2, '/test.Peer/echo', framed(Buffer.from('x')));
    const write = call.write.bind(call);
    // Byte by byte, with empty messages between.
    call.write = ((message: Buffer, done: () => void) => {
      for (const byte of BytesMessage.decode(message).data) {
        write(Buffer.from(BytesMessage.encode({ data: Buffer.of(byte) }).finish()));
        write(Buffer.alloc(0));
      }
      return write(Buffer.alloc(0), done);
    }) as typeof call.write;
    const body = framed(Buffer.alloc(1000, 'tunnel'));
    const reply = await request(http2, '/test.Peer/echo', body, { pattern: Array(200).fill('some/**/pattern') });
    assert.equal(Buffer.compare(reply.body, body), 0);
  });

  it('closed: cancels what the daemon still asks, and half-closes', async (t) => {
    const daemon = await fakeBuildkitd(t);
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    let aborted: Promise<unknown> | undefined;
    const wait: Handler = async (call) => {
      aborted = once(call.signal, 'abort');
      await call.write(Buffer.from('started'));
      await aborted;
    };
    const session = await buildkit.openSession({ sharedKey: '', handlers: new Map([['/test.Peer/wait', wait]]) });
    const { http2, call } = await daemon.session();
    let ends = 0;
    call.on('end', () => ends++);
    const stream = openRequest(http2, '/test.Peer/wait');
    stream.on('error', () => {});
    await once(stream, 'data');
    await session.close();
    assert.equal(await session.ended, undefined);
    assert.equal(ends, 1);
    await aborted;
  });

  it('that the daemon neither opens nor ends is closed all the same', async (t) => {
    let cancelled: Promise<unknown> | undefined;
    const daemon = await fakeBuildkitd(t, {
      onSession(call) {
        cancelled = once(call, 'cancelled');
      },
      unary: { ListWorkers: () => Buffer.alloc(0) },
    });
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    const session = await buildkit.openSession({ sharedKey: '', handlers });
    await buildkit.listWorkers();
    await session.close();
    await cancelled;
  });

  it('that the daemon ends in the middle is over, with the reason', async (t) => {
    const daemon = await fakeBuildkitd(t);
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    let signal: AbortSignal | undefined;
    const wait: Handler = async (given) => {
      signal = given.signal;
      await given.write(Buffer.from('started'));
      await once(given.signal, 'abort');
    };
    const session = await buildkit.openSession({ sharedKey: '', handlers: new Map([['/test.Peer/wait', wait]]) });
    const { http2, call } = await daemon.session();
    const stream = openRequest(http2, '/test.Peer/wait');
    stream.on('error', () => {});
    await once(stream, 'data');
    call.emit('error', { code: Code.RESOURCE_EXHAUSTED, details: 'session limit' });
    const error = await session.ended;
    assert.deepEqual([error?.code, error?.details], [Code.RESOURCE_EXHAUSTED, 'session limit']);
    if (!signal?.aborted) await once(signal!, 'abort');
  });

  it('survives a daemon that sends garbage through the tunnel', async (t) => {
    for (const garbage of [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(100_000, 0xff)]) {
      const daemon = await fakeBuildkitd(t, {
        unary: { ListWorkers: () => Buffer.alloc(0) },
        onSession: (call) => call.write(Buffer.from(BytesMessage.encode({ data: garbage }).finish())),
      });
      const buildkit = connectBuildKit({ address: daemon.address });
      t.after(() => buildkit.close());
      const session = await buildkit.openSession({ sharedKey: '', handlers });
      const error = await session.ended;
      assert.equal(error?.code, Code.CANCELLED);
      assert.deepEqual(await buildkit.listWorkers(), []);
    }
  });

  it('ends with its signal', async (t) => {
    const daemon = await fakeBuildkitd(t);
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    const controller = new AbortController();
    const session = await buildkit.openSession({ sharedKey: '', handlers, signal: controller.signal });
    const { call } = await daemon.session();
    const cancelled = once(call, 'cancelled');
    controller.abort();
    assert.equal((await session.ended)?.code, Code.CANCELLED);
    await cancelled;
  });
});

describe('the control service', () => {
  it('solves: what a request leaves out is not sent, the answer is read', async (t) => {
    let got: SolveRequest | undefined;
    const daemon = await fakeBuildkitd(t, {
      unary: {
        Solve(message) {
          got = SolveRequest.decode(message);
          return Buffer.from(SolveResponse.encode({ ExporterResponse: { 'image.name': 'x' } }).finish());
        },
      },
    });
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    const reply = await buildkit.solve({ Ref: 'r', Frontend: 'dockerfile.v0', FrontendAttrs: { 'no-cache': '' } });
    assert.deepEqual(reply.ExporterResponse, { 'image.name': 'x' });
    assert.deepEqual(
      [got?.Ref, got?.FrontendAttrs, got?.Exporters, got?.Cache],
      ['r', { 'no-cache': '' }, [], undefined],
    );
  });

  it('streams the status until its end, and cancels it when the loop is left', async (t) => {
    let cancelled = () => {};
    const gone = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const message = StatusResponse.encode({
      vertexes: [],
      statuses: [],
      logs: [{ vertex: 'v', timestamp: undefined, stream: 1, msg: Buffer.from('hi') }],
      warnings: [],
    }).finish();
    const daemon = await fakeBuildkitd(t, {
      streams: {
        Status(call) {
          call.on('data', (asked: Buffer) => {
            call.write(Buffer.from(message));
            call.write(Buffer.from(message));
            if (asked.includes('endless')) call.on('cancelled', cancelled);
            else call.end();
          });
        },
      },
    });
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    const lines: string[] = [];
    for await (const { logs } of buildkit.status('short')) lines.push(String(logs[0]?.msg));
    assert.deepEqual(lines, ['hi', 'hi']);
    for await (const _ of buildkit.status('endless')) break;
    await gone;
  });

  it('a daemon that dies in the middle of Solve gives one sentence', async (t) => {
    const daemon = await fakeBuildkitd(t, {
      unary: { Solve: () => new Promise(() => daemon.server.forceShutdown()) },
    });
    const buildkit = connectBuildKit({ address: daemon.address });
    await assert.rejects(buildkit.solve({ Ref: 'r' }), ({ kind, code, message }) =>
      kind === 'unavailable'
        ? message === `lost the connection to BuildKit at ${daemon.address}: it has ended, or was restarted`
        : code === Code.CANCELLED || code === Code.UNAVAILABLE,
    );
  });

  it('a cancelled Solve tells the daemon', async (t) => {
    let cancelled = () => {};
    const gone = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const controller = new AbortController();
    const daemon = await fakeBuildkitd(t, {
      unary: {
        Solve: (_, call) =>
          new Promise(() => {
            call.on('cancelled', cancelled);
            controller.abort();
          }),
      },
    });
    const buildkit = connectBuildKit({ address: daemon.address });
    t.after(() => buildkit.close());
    await assert.rejects(buildkit.solve({}, { signal: controller.signal }), { code: Code.CANCELLED });
    await gone;
  });
});
