import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodePacket, PacketType, putStatPacket, statPacketSize } from '../../../src/buildkit/fsutil/packet.ts';
import { packetOutput } from '../../../src/buildkit/fsutil/packet-output.ts';
import { type FileStat, fileStat, GoMode, goMode, isRegular, stMode } from '../../../src/buildkit/fsutil/stat.ts';
import { BinaryWriter } from '../../harness/protobuf-wire.ts';
import { streamPair } from './stream-pair.ts';

const stats: [string, FileStat][] = [
  ['nothing but a name', fileStat('a', 0)],
  ['a file', fileStat('a/b', 0o644, { size: 12345, modTime: 1_234_567_890_123_456_789n })],
  ['a directory', fileStat('d', GoMode.DIR | 0o755, { modTime: 1n })],
  ['bytes that are no UTF-8', fileStat('\xff\xfe/\x80', 0o600, { linkname: '\xe9' })],
  ['before 1970', fileStat('old', 0o600, { modTime: -315_619_200_000_000_001n })],
  ['the last moment', fileStat('late', 0o600, { modTime: 2n ** 63n - 1n })],
  ['the first moment', fileStat('early', 0o600, { modTime: -(2n ** 63n) })],
  ['a large file', fileStat('large', 0o600, { size: 2 ** 45 + 3 })],
  ['owners', fileStat('own', 0o600, { uid: 4294967295, gid: 1000 })],
  ['a device', fileStat('dev', GoMode.DEVICE | 0o600, { devmajor: 259, devminor: 1048575 })],
  [
    'extended attributes',
    fileStat('x', 0o600, {
      xattrs: [
        ['security.capability', Buffer.of(1, 0, 0, 2)],
        ['user.empty', Buffer.alloc(0)],
      ],
    }),
  ],
];

function encode(stat: FileStat): Buffer {
  const size = statPacketSize(stat);
  const out = Buffer.alloc(size.packet);
  assert.equal(putStatPacket(out, 0, stat, size.body), size.packet);
  return out;
}

/** As an independent protobuf implementation writes it. */
function reference(stat: FileStat): Uint8Array {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const body = new BinaryWriter();
  body.uint32(10).bytes(latin1(stat.path));
  if (stat.mode) body.uint32(16).uint32(stat.mode >>> 0);
  if (stat.uid) body.uint32(24).uint32(stat.uid);
  if (stat.gid) body.uint32(32).uint32(stat.gid);
  if (stat.size) body.uint32(40).int64(stat.size);
  if (stat.modTime) body.uint32(48).int64(stat.modTime.toString());
  if (stat.linkname) body.uint32(58).bytes(latin1(stat.linkname));
  if (stat.devmajor) body.uint32(64).int64(stat.devmajor);
  if (stat.devminor) body.uint32(72).int64(stat.devminor);
  for (const [name, value] of stat.xattrs) {
    body.uint32(82).fork().uint32(10).bytes(latin1(name));
    if (value.length > 0) body.uint32(18).bytes(value);
    body.join();
  }
  return new BinaryWriter().uint32(18).bytes(body.finish()).finish();
}

describe('packets', () => {
  for (const [name, stat] of stats) {
    test(`a stat: ${name}`, () => {
      const whole = { ...stat, mode: stat.mode >>> 0 };
      const bytes = encode(whole);
      assert.deepEqual(bytes, Buffer.from(reference(whole)));
      const packet = decodePacket(bytes);
      assert.deepEqual(packet, { type: PacketType.STAT, id: 0, data: Buffer.alloc(0), stat: whole });
    });
  }

  test('fields of later versions are skipped', () => {
    const stat = new BinaryWriter().uint32(10).bytes(Buffer.from('a'));
    stat.uint32(800).int64(1).uint32(805).fixed32(1).uint32(801).fixed64(1).uint32(802).bytes(Buffer.from('x'));
    const packet = new BinaryWriter()
      .uint32(18)
      .bytes(stat.finish())
      .uint32(8)
      .uint32(2)
      .uint32(810)
      .bytes(Buffer.of());
    const { type, stat: read } = decodePacket(packet.finish());
    assert.equal(type, PacketType.DATA);
    assert.deepEqual(read, fileStat('a', 0));
  });

  test('messages that are none', () => {
    const whole = encode(fileStat('name', 0o644, { size: 300, modTime: 1n << 60n }));
    for (let length = 1; length < whole.length; length++) {
      assert.throws(() => decodePacket(whole.subarray(0, length)), /ends within a field/, String(length));
    }
    assert.throws(() => decodePacket(Buffer.alloc(11, 0xff)), /varint of more than ten bytes/);
    assert.throws(() => decodePacket(Buffer.of(0x0b)), /wire type 3/);
  });

  test('many of them are one write, each with its prefix', async () => {
    const [ours, theirs] = streamPair();
    let writes = 0;
    const output = packetOutput({
      ...ours,
      writeFramed(bytes) {
        writes++;
        return ours.writeFramed(bytes);
      },
    });
    output.stat(fileStat('a', 0o644));
    output.stat();
    output.request(300);
    output.data(7, Buffer.from('data'));
    output.fill(8, 6, 5, (out, at) => out.write('exact', at));
    output.fill(9, 6, 5, (out, at) => out.write('cut', at));
    output.fill(10, 6, 5, (out, at) => out.write('longer', at));
    output.fill(11, 6, 5, () => 0);
    output.endOfFile(7);
    output.error('é');
    output.fin();
    await output.drained();
    const seen: unknown[] = [];
    for (let left = 10; left > 0; left--) {
      const { type, id, data, stat } = decodePacket((await theirs.read())!);
      seen.push(stat ? [type, stat.path] : [type, id, data.toString()]);
    }
    assert.deepEqual(seen, [
      [0, 'a'],
      [0, 0, ''],
      [1, 300, ''],
      [2, 7, 'data'],
      [2, 8, 'exact'],
      [2, 9, 'cut'],
      [2, 10, 'longer'],
      [2, 7, ''],
      [4, 0, 'é'],
      [3, 0, ''],
    ]);
    assert.equal(writes, 1);
  });

  test('what is on its way is limited', async () => {
    const [ours] = streamPair();
    const sent: (() => void)[] = [];
    const output = packetOutput({ ...ours, writeFramed: () => new Promise((resolve) => sent.push(resolve)) });
    for (let piece = 0; piece < 40; piece++) output.data(1, Buffer.alloc(64 * 1024));
    const full = output.full();
    assert.ok(full);
    for (const done of sent) done();
    await full;
    assert.equal(output.full(), undefined);
  });

  test('a call that is over says so to those who wait', async () => {
    const [ours] = streamPair();
    const output = packetOutput({ ...ours, writeFramed: () => Promise.reject(new Error('gone')) });
    output.data(1, Buffer.alloc(4 << 20));
    await output.drained();
    await assert.rejects(output.full()!, /gone/);
  });
});

describe('modes', () => {
  const table: [number, number][] = [
    [0o100644, 0o644],
    [0o104755, GoMode.SETUID | 0o755],
    [0o102755, GoMode.SETGID | 0o755],
    [0o041777, GoMode.DIR | GoMode.STICKY | 0o777],
    [0o120777, GoMode.SYMLINK | 0o777],
    [0o020666, GoMode.DEVICE | GoMode.CHAR_DEVICE | 0o666],
    [0o060660, GoMode.DEVICE | 0o660],
    [0o010600, GoMode.NAMED_PIPE | 0o600],
    [0o140777, GoMode.SOCKET | 0o777],
  ];
  for (const [st, go] of table) {
    test(st.toString(8), () => {
      assert.equal(goMode(st), go >>> 0);
      assert.equal(stMode(go >>> 0), st);
      assert.equal(isRegular(go), (st & 0o170000) === 0o100000);
    });
  }
});
