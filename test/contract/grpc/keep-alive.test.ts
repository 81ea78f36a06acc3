import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChannel } from '../../../src/grpc/channel.ts';
import { type Frame, FrameType, frameReader, settingsFrame } from '../../../src/grpc/frames.ts';
import { serveConnection } from '../../../src/grpc/server.ts';
import { Code, isRpcError } from '../../../src/grpc/status.ts';
import type { Transport } from '../../../src/grpc/transport.ts';
import { duplexPair } from './duplex-pair.ts';

const alive = { silence: 60, answer: 100, pause: 60 };
const PREFACE_LENGTH = 24;
/** A socket would keep the process. */
const awake = setInterval(() => {}, 1000);
after(() => clearInterval(awake));

test('a peer that has gone without a word is noticed, by a PING that nobody answers', async () => {
  const [ours, theirs] = duplexPair();
  const types: number[] = [];
  const read = frameReader((each: Frame) => types.push(each.type), 16_384);
  let skip = PREFACE_LENGTH;
  theirs.on('data', (chunk: Buffer) => {
    const rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    read(rest);
  });
  theirs.write(settingsFrame([]));
  const channel = createChannel(() => ours as Transport, undefined, alive);
  const failure = await channel.unary('/a/B', new Uint8Array(0)).catch((error: unknown) => error);
  assert.ok(isRpcError(failure, Code.UNAVAILABLE));
  assert.equal(failure.transport, 'lost');
  assert.equal((failure.cause as NodeJS.ErrnoException).code, 'ETIMEDOUT');
  assert.equal(types.filter((type) => type === FrameType.PING).length, 1);
});

test('one that is slow and answers is waited for', async () => {
  const [ours, theirs] = duplexPair();
  const slow = async () => void (await sleep(5 * (alive.silence + alive.answer)));
  serveConnection(
    theirs as Transport,
    new Map([['/a/Slow', async (call) => slow().then(() => call.write(Buffer.from('x')))]]),
  );
  const channel = createChannel(() => ours as Transport, undefined, alive);
  assert.equal(Buffer.from(await channel.unary('/a/Slow', new Uint8Array(0))).toString(), 'x');
  channel.close();
});
