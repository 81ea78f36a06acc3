import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryReader, BinaryWriter } from '../../src/grpc/wire.ts';
import * as theirs from '../harness/protobuf-wire.ts';

type Writer = BinaryWriter | theirs.BinaryWriter;
type Kind = 'uint32' | 'int32' | 'int64' | 'uint64' | 'bool' | 'string' | 'bytes';
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const values: Record<Kind, readonly unknown[]> = {
  uint32: [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1],
  int32: [0, 1, -1, 127, -128, 2 ** 31 - 1, -(2 ** 31)],
  int64: [0, 1, -1, 300, -300, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  uint64: [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER],
  bool: [true, false],
  string: ['', 'a', 'ä€𝒳', 'x'.repeat(127), 'y'.repeat(128), 'z'.repeat(70_000)],
  bytes: [bytes(0), bytes(1), bytes(200), bytes(70_000)],
};
const table = Object.entries(values).flatMap(([kind, list]) => list.map((value) => [kind as Kind, value] as const));
const plain = (value: unknown) => (value instanceof Uint8Array ? [...value] : String(value));

test('what is written is byte for byte what @bufbuild/protobuf writes, and both read it', () => {
  for (const [kind, value] of table) {
    const write = (writer: Writer): Uint8Array =>
      (writer[kind] as (value: unknown) => Writer).call(writer, value).finish();
    const own = write(new BinaryWriter());
    const other = write(new theirs.BinaryWriter());
    assert.deepEqual([...own], [...other], `${kind} ${plain(value)}`);
    for (const reader of [new BinaryReader(own), new theirs.BinaryReader(own)]) {
      assert.deepEqual(plain(reader[kind]()), plain(value), `${kind} ${plain(value)}`);
      assert.equal(reader.pos, reader.len);
    }
  }
});

test('messages in messages, of every length of a length', () => {
  const write = (writer: Writer) => {
    for (const size of [0, 100, 127, 128, 16_383, 20_000])
      writer.uint32(10).fork().uint32(10).fork().string('x'.repeat(size)).join().join();
    return writer.finish();
  };
  assert.deepEqual([...write(new BinaryWriter())], [...write(new theirs.BinaryWriter())]);
});

test('unknown fields are skipped', () => {
  const message = Uint8Array.of(0x96, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 2, 9, 9, 1, 2, 3, 4);
  const reader = new BinaryReader(message);
  for (const wireType of [0, 1, 2, 5]) reader.skip(wireType);
  assert.equal(reader.pos, reader.len);
});

const broken: [what: string, bytes: number[], read: (reader: BinaryReader) => unknown, message: RegExp][] = [
  ['nothing', [], (reader) => reader.uint32(), /ends too early/],
  ['half a number', [0x80], (reader) => reader.int64(), /ends too early/],
  ['a number without end', Array(12).fill(0xff), (reader) => reader.uint64(), /more than ten bytes/],
  ['a small number without end', Array(12).fill(0xff), (reader) => reader.uint32(), /more than ten bytes/],
  ['half a string', [5, 97], (reader) => reader.string(), /ends too early/],
  ['bytes of 4 GB', [0xff, 0xff, 0xff, 0xff, 0x0f], (reader) => reader.bytes(), /ends too early/],
  ['a skip beyond the end', [1], (reader) => reader.skip(5), /ends too early/],
  ['an unknown wire type', [1], (reader) => reader.skip(7), /wire type 7/],
];
for (const [what, message, read, expected] of broken) {
  test(`refuses ${what}`, () => assert.throws(() => read(new BinaryReader(Uint8Array.from(message))), expected));
}

test('what a caller left out is no 0', () => {
  for (const kind of ['uint32', 'int64', 'uint64', 'int32'] as const)
    assert.throws(() => new BinaryWriter()[kind](undefined as unknown as number), /invalid number/);
});
