import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { createChannel } from '../../../src/grpc/channel.ts';
import { dialBun } from '../../../src/grpc/dial-bun.ts';
import type { Bun, BunSocket } from '../../../src/host/bun.ts';
import { type Handler, peer, socketPath } from './peer.ts';

/** Bun's sockets as its documentation describes them: a write takes a part, and says later when more can be written. */
function socketsTaking(most: number): Pick<Bun, 'connect'> {
  return {
    connect: ({ unix, socket: handlers }) =>
      new Promise((resolve, reject) => {
        let busy = false;
        const wire = connect(unix);
        const socket: BunSocket = {
          write(data) {
            if (busy) return 0;
            busy = true;
            // A copy: what is not taken stays the caller's.
            wire.write(Buffer.from(data.subarray(0, most)), () => {
              busy = false;
              handlers.drain(socket);
            });
            return Math.min(most, data.length);
          },
          end: () => wire.end(),
          terminate: () => wire.destroy(),
          ref: () => wire.ref(),
          unref: () => wire.unref(),
        };
        wire.on('connect', () => {
          handlers.open(socket);
          resolve(socket);
        });
        wire.on('data', (chunk) => handlers.data(socket, chunk));
        wire.on('error', reject);
        wire.on('close', () => handlers.close(socket));
      }),
  };
}

const echo = ((call: { request: Buffer }, answer: (error: null, message: Buffer) => void) =>
  answer(null, call.request)) as unknown as Handler;

describe('a channel on a socket of Bun', () => {
  for (const most of [1000, 1_000_000]) {
    it(`sends whole messages where a write takes ${most} bytes`, async (t) => {
      const { path } = await peer(t, { echo });
      const channel = createChannel(() => dialBun(socketsTaking(most), path));
      t.after(() => channel.close());
      const messages = [1, 70_000, 300_000].map((size) => Buffer.alloc(size, `${size} `));
      const answers = await Promise.all(messages.map((message) => channel.unary('/test.Peer/echo', message)));
      assert.ok(answers.every((answer, i) => messages[i]!.equals(answer)));
    });
  }

  it('rejects with the cause where there is none', async (t) => {
    const channel = createChannel(() => dialBun(socketsTaking(1), socketPath(t)));
    const error = await channel.unary('/test.Peer/echo', Buffer.alloc(1)).catch((reason) => reason);
    assert.deepEqual([error.transport, error.cause.code], ['dial', 'ENOENT']);
  });

  it('rejects what is in flight when it breaks', async (t) => {
    const { path, server } = await peer(t, { wait: (() => server.forceShutdown()) as Handler });
    const channel = createChannel(() => dialBun(socketsTaking(1000), path));
    await assert.rejects(channel.unary('/test.Peer/wait', Buffer.alloc(1)));
  });
});
