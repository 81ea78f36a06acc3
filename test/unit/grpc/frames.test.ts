import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Flag,
  type Frame,
  FrameType,
  frame,
  frameReader,
  headersFrames,
  stripPadding,
} from '../../../src/grpc/frames.ts';
import { framedMessage, messageReader } from '../../../src/grpc/messages.ts';

function framesOf(stream: Buffer, chunkSize: number): Frame[] {
  const frames: Frame[] = [];
  const read = frameReader((received) => frames.push(received), 16_384);
  for (let at = 0; at < stream.length; at += chunkSize) read(stream.subarray(at, at + chunkSize));
  return frames;
}

const three = Buffer.concat([
  frame(FrameType.PING, Flag.ACK, 0, Buffer.alloc(8, 1)),
  frame(FrameType.DATA, Flag.END_STREAM, 5, Buffer.alloc(16_384, 2)),
  frame(FrameType.SETTINGS, 0, 0, new Uint8Array(0)),
]);

describe('frames', () => {
  for (const chunkSize of [1, 2, 8, 9, 10, 17, 100, 16_384, three.length]) {
    it(`are the same in chunks of ${chunkSize}`, () => {
      const seen = framesOf(three, chunkSize).map(({ type, flags, streamId, payload }) => [
        type,
        flags,
        streamId,
        payload.length,
        payload[0],
      ]);
      assert.deepEqual(seen, [
        [FrameType.PING, Flag.ACK, 0, 8, 1],
        [FrameType.DATA, Flag.END_STREAM, 5, 16_384, 2],
        [FrameType.SETTINGS, 0, 0, 0, undefined],
      ]);
    });
  }

  it('may not be longer than was agreed', () => {
    assert.throws(() => framesOf(Buffer.from('HTTP/1.1 400 Bad Request'), 100), /frame of \d+ bytes/);
  });

  it('carry a long header block in CONTINUATIONs', () => {
    const frames = framesOf(headersFrames(3, Buffer.alloc(40_000, 7), true, 16_384), 10_000);
    assert.deepEqual(
      frames.map(({ type, flags, payload }) => [type, flags, payload.length]),
      [
        [FrameType.HEADERS, Flag.END_STREAM, 16_384],
        [FrameType.CONTINUATION, 0, 16_384],
        [FrameType.CONTINUATION, Flag.END_HEADERS, 7232],
      ],
    );
  });

  const padded: [string, number, number, string, string | RegExp][] = [
    ['plain', FrameType.DATA, 0, '616263', 'abc'],
    ['padded', FrameType.DATA, Flag.PADDED, '026162630000', 'abc'],
    ['with priority', FrameType.HEADERS, Flag.PRIORITY, '0000000010616263', 'abc'],
    ['padded, with priority', FrameType.HEADERS, Flag.PADDED | Flag.PRIORITY, '01000000001061626300', 'abc'],
    ['padded too much', FrameType.DATA, Flag.PADDED, '05616263', /padding/],
  ];
  for (const [name, type, flags, hex, expected] of padded) {
    it(`give their content when ${name}`, () => {
      const strip = () => stripPadding({ type, flags, streamId: 1, payload: Buffer.from(hex, 'hex') }).toString();
      if (typeof expected === 'string') assert.equal(strip(), expected);
      else assert.throws(strip, expected);
    });
  }
});

describe('messages', () => {
  const messages = ['', 'a', 'b'.repeat(5), '', 'c'.repeat(1000), ''];
  const stream = Buffer.concat(messages.flatMap((message) => framedMessage(Buffer.from(message))));

  for (const chunkSize of [1, 3, 5, 6, 64, stream.length]) {
    it(`are the same in chunks of ${chunkSize}`, () => {
      const seen: string[] = [];
      const read = messageReader((message) => seen.push(message.toString()));
      for (let at = 0; at < stream.length; at += chunkSize) read(stream.subarray(at, at + chunkSize));
      assert.deepEqual(seen, messages);
    });
  }

  it('may not be compressed', () => {
    assert.throws(() => messageReader(() => {})(Buffer.from([1, 0, 0, 0, 0])), /compressed/);
  });
});
