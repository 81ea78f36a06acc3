import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { directoryTree } from '../../../src/buildkit/fsutil/directory.ts';
import { memoryTree } from '../../../src/buildkit/fsutil/memory.ts';
import { decodePacket, type Packet, PacketType } from '../../../src/buildkit/fsutil/packet.ts';
import { packetOutput } from '../../../src/buildkit/fsutil/packet-output.ts';
import { receiveTree } from '../../../src/buildkit/fsutil/receive.ts';
import { sendTree } from '../../../src/buildkit/fsutil/send.ts';
import { type FileStat, fileStat, GoMode } from '../../../src/buildkit/fsutil/stat.ts';
import type { Tree } from '../../../src/buildkit/fsutil/tree.ts';
import { createTreeWriter } from '../../../src/host/tree-writer.ts';
import { type StreamEnd, streamPair } from './stream-pair.ts';
import { makeTree, shown, temporaryDirectory, unprivileged, walked } from './temporary-tree.ts';

const NOTHING = { includes: [], excludes: [], follow: [] };

/** Both ends of ours, until both are done. */
async function transfer(tree: Tree, dest: string): Promise<void> {
  const [sender, receiver] = streamPair();
  await Promise.all([
    sendTree(sender, tree).finally(sender.end),
    receiveTree(receiver, createTreeWriter(dest)).finally(receiver.end),
  ]);
}

async function packetsOf(stream: StreamEnd, count: number): Promise<Packet[]> {
  const packets: Packet[] = [];
  while (packets.length < count) packets.push(decodePacket((await stream.read())!));
  return packets;
}

describe('a transfer', () => {
  test('makes the same tree', async (t) => {
    const from = temporaryDirectory(t);
    const to = temporaryDirectory(t);
    makeTree(from, ['a/b', 'a/link -> ../zero', 'a-b', 'hard = a/b', 'closed/file', 'zero', '\u{1F600}/é', 'empty/']);
    writeFileSync(join(from, 'zero'), '');
    for (const size of [1, 65_536, 131_071, 131_072, 131_073, 300_000, 2_000_000]) {
      writeFileSync(join(from, `size-${size}`), Buffer.alloc(size, `${size}.`));
    }
    truncateSync(join(from, 'a-b'), 5_000_000);
    chmodSync(join(from, 'zero'), 0o4755);
    chmodSync(join(from, 'closed'), 0o555);
    chmodSync(join(from, 'closed/file'), 0o444);
    await transfer(directoryTree(from, NOTHING), to);
    const [sent, received] = [await walked(from), await walked(to)];
    const timeless = (stat: FileStat) => ({ ...stat, modTime: 0n });
    assert.deepEqual(received.map(timeless), sent.map(timeless));
    for (const [index, { path, modTime }] of received.entries()) {
      // As near as Node can set it.
      assert.ok(Math.abs(Number(modTime - sent[index]!.modTime)) < 2000, path);
    }
    for (const name of ['a/b', 'a-b', ...readdirSync(from).filter((name) => name.startsWith('size-'))]) {
      assert.ok(readFileSync(join(to, name)).equals(readFileSync(join(from, name))), name);
    }
  });

  test('replaces what is there and follows no link', async (t) => {
    const [from, to, outside] = [temporaryDirectory(t), temporaryDirectory(t), temporaryDirectory(t)];
    makeTree(from, ['dir/file', 'file', 'was-dir', 'was-file/x', 'link -> new', 'linked', 'hard = file']);
    makeTree(to, ['kept', 'dir/kept', 'was-dir/full', 'was-file', 'link -> old', 'hard = kept']);
    makeTree(outside, ['target']);
    symlinkSync(join(outside, 'target'), join(to, 'linked'));
    symlinkSync(join(outside, 'target'), join(to, 'file'));
    rmSync(join(to, 'dir'), { recursive: true });
    symlinkSync(outside, join(to, 'dir'));
    for (let round = 0; round < 2; round++) {
      await transfer(directoryTree(from, NOTHING), to);
      const names = ['dir/', 'dir/file', 'file', 'hard = file', 'kept', 'link -> new', 'linked', 'was-dir'];
      assert.deepEqual((await walked(to)).map(shown), [...names, 'was-file/', 'was-file/x']);
      assert.deepEqual(readdirSync(outside), ['target']);
      assert.equal(readFileSync(join(outside, 'target'), 'utf8'), 'target');
      assert.equal(readFileSync(join(to, 'linked'), 'utf8'), 'linked');
    }
  });

  test('of files in memory', async (t) => {
    const to = temporaryDirectory(t);
    const files = new Map([
      ['Dockerfile', Buffer.from('FROM scratch\n')],
      ['Dockerfile.dockerignore', Buffer.alloc(600_000, 'x')],
      ['other', Buffer.from('no')],
    ]);
    const follow = ['Dockerfile', 'Dockerfile.dockerignore', 'dockerfile'];
    await transfer(memoryTree(files, 1_000_000_000n, { ...NOTHING, follow }), to);
    assert.deepEqual(readdirSync(to).sort(), ['Dockerfile', 'Dockerfile.dockerignore']);
    assert.equal(readFileSync(join(to, 'Dockerfile'), 'utf8'), 'FROM scratch\n');
    assert.equal(lstatSync(join(to, 'Dockerfile.dockerignore')).size, 600_000);
    assert.equal(lstatSync(join(to, 'Dockerfile')).mtimeMs, 1000);
  });

  test('of many files takes turns with other work', async (t) => {
    const [from, to] = [temporaryDirectory(t), temporaryDirectory(t)];
    makeTree(
      from,
      Array.from({ length: 800 }, (_, index) => `d${index % 7}/f${index}`),
    );
    let turns = 0;
    let timer: NodeJS.Immediate;
    const turn = () => {
      turns++;
      timer = setImmediate(turn);
    };
    turn();
    await transfer(directoryTree(from, NOTHING), to);
    clearImmediate(timer!);
    assert.equal((await walked(to)).length, 807);
    assert.ok(turns > 1, `${turns} turns`);
  });
});

describe('the sender', () => {
  /** Starts one for a tree, with a peer that is played by the test. */
  function start(t: TestContext, entries: readonly string[]) {
    const dir = temporaryDirectory(t);
    makeTree(dir, entries);
    const [sender, peer] = streamPair();
    const done = sendTree(sender, directoryTree(dir, NOTHING)).finally(sender.end);
    done.catch(() => {});
    return { dir, peer, done, ask: packetOutput(peer) };
  }

  test('sends what is there when it is asked for', async (t) => {
    const { dir, peer, done, ask } = start(t, ['cut', 'gone', 'grown', 'was-file']);
    assert.equal((await packetsOf(peer, 5)).at(-1)?.stat, undefined);
    truncateSync(join(dir, 'cut'), 1);
    rmSync(join(dir, 'gone'));
    writeFileSync(join(dir, 'grown'), Buffer.alloc(200_000, 'x'));
    for (const id of [0, 1, 2]) ask.request(id);
    const content = ['', '', ''];
    for (let ended = 0; ended < 3; ) {
      const { type, id, data } = (await packetsOf(peer, 1))[0]!;
      assert.equal(type, PacketType.DATA);
      if (data.length === 0) ended++;
      content[id] += data.toString();
    }
    assert.deepEqual(content, ['c', '', 'x'.repeat(200_000)]);
    ask.fin();
    assert.equal((await packetsOf(peer, 1))[0]?.type, PacketType.FIN);
    await done;
    assert.equal(await peer.read(), undefined);
  });

  test('a file of the kernel has no size, and is read in one go', async () => {
    const [dir, name] = ['/proc/sys/kernel/random', 'poolsize'];
    const [sender, peer] = streamPair();
    const done = sendTree(sender, directoryTree(dir, { ...NOTHING, includes: [name] })).finally(sender.end);
    const ask = packetOutput(peer);
    await packetsOf(peer, 2);
    ask.request(0);
    const [content, end] = await packetsOf(peer, 2);
    assert.equal(String(content?.data), readFileSync(join(dir, name), 'utf8'));
    assert.equal(end?.data.length, 0);
    ask.fin();
    await done;
  });

  test('a file that has become a directory is an error', async (t) => {
    const { dir, peer, done, ask } = start(t, ['file']);
    await packetsOf(peer, 2);
    rmSync(join(dir, 'file'));
    mkdirSync(join(dir, 'file'));
    ask.request(0);
    const [error] = await packetsOf(peer, 1);
    assert.deepEqual([error?.type, String(error?.data)], [PacketType.ERR, `read ${dir}/file: is a directory`]);
    await assert.rejects(done, { message: `read ${dir}/file: is a directory` });
  });

  test('a file that may not be read is an error, and not an empty one', async (t) => {
    const { dir, peer, done, ask } = start(t, ['file']);
    chmodSync(join(dir, 'file'), 0);
    await packetsOf(peer, 2);
    await unprivileged(dir, async () => {
      ask.request(0);
      const [error] = await packetsOf(peer, 1);
      assert.equal(String(error?.data), `open ${dir}/file: permission denied`);
      await assert.rejects(done, /permission denied/);
    });
  });

  /** What the receiver says; how the transfer ends. */
  const hostile: [string, (ask: ReturnType<typeof packetOutput>, peer: StreamEnd) => void, RegExp][] = [
    ['asks for a directory', (ask) => ask.request(0), /^Error: invalid file id 0$/],
    ['asks for what is not there', (ask) => ask.request(77), /invalid file id 77/],
    [
      'asks twice',
      (ask) => {
        ask.request(1);
        ask.request(1);
      },
      /invalid file id 1/,
    ],
    ['gives up', (ask) => ask.error('no space left'), /^Error: error from receiver: no space left$/],
    ['goes away', (_, peer) => peer.end(), /the receiver ended the transfer/],
    ['is lost', (_, peer) => peer.break(new Error('connection lost')), /connection lost/],
    ['sends what is no packet', (_, peer) => void peer.writeFramed(Buffer.of(0, 0, 0, 0, 1, 0xff)), /within a field/],
  ];
  for (const [name, say, error] of hostile) {
    test(`when the receiver ${name}`, async (t) => {
      const { peer, done, ask } = start(t, ['dir/file']);
      await packetsOf(peer, 3);
      say(ask, peer);
      await assert.rejects(done, error);
    });
  }

  test('ends when the receiver has enough before the list is whole', async (t) => {
    const entries = Array.from({ length: 1000 }, (_, index) => `f${index}`);
    const { peer, done, ask } = start(t, entries);
    ask.fin();
    await done;
    peer.end();
  });
});

describe('the receiver', () => {
  /** Starts one, with a peer that is played by the test. */
  function start(t: TestContext) {
    const dir = temporaryDirectory(t);
    const [receiver, peer] = streamPair();
    const done = receiveTree(receiver, createTreeWriter(dir)).finally(receiver.end);
    done.catch(() => {});
    return { dir, peer, done, say: packetOutput(peer) };
  }

  test('has no file under its name before it is whole, and none of a transfer that failed', async (t) => {
    const { dir, peer, done, say } = start(t);
    say.stat(fileStat('a', 0o644, { size: 4 }));
    say.stat(fileStat('b', 0o644, { size: 4 }));
    say.stat();
    await packetsOf(peer, 2);
    say.data(0, Buffer.from('aaaa'));
    say.endOfFile(0);
    say.data(1, Buffer.from('bb'));
    await say.drained();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const names = readdirSync(dir).sort();
    assert.match(names.join(' '), /^\.tmp-\S+ a$/);
    peer.break(new Error('interrupted'));
    await assert.rejects(done, /interrupted/);
    assert.deepEqual(readdirSync(dir), ['a']);
  });

  /** What is listed last is refused, with these words. */
  const lists: [string, FileStat[], RegExp][] = [
    ['a name twice', [fileStat('a', 0o644), fileStat('a', 0o644)], /^Error: changes out of order: "a" "a"$/],
    ['names out of order', [fileStat('b', 0o644), fileStat('a', 0o644)], /changes out of order: "a" "b"/],
    ['bytes out of order', [fileStat('\xf0', 0o644), fileStat('\xef', 0o644)], /changes out of order/],
    ['an entry without its parent', [fileStat('a/b', 0o644)], /changes out of order/],
    ['an entry of a file', [fileStat('a', 0o644), fileStat('a/b', 0o644)], /changes out of order: "a\/b" "a"/],
    [
      'an entry of a link',
      [fileStat('a', GoMode.SYMLINK | 0o777, { linkname: '/tmp' }), fileStat('a/b', 0o644)],
      /changes out of order/,
    ],
    ['a way out', [fileStat('..', GoMode.DIR | 0o755)], /escape check/],
    ['a hidden way out', [fileStat('a', GoMode.DIR | 0o755), fileStat('a/../../b', 0o644)], /escape check/],
    ['an absolute path', [fileStat('/a', 0o644)], /absolute path/],
    ['the directory itself', [fileStat('.', GoMode.DIR | 0o755)], /unclean path/],
    ['no name', [fileStat('', GoMode.DIR | 0o755)], /unclean path/],
    ['a trailing slash', [fileStat('a/', GoMode.DIR | 0o755)], /unclean path/],
    ['a NUL', [fileStat('a\0b', 0o644)], /unclean path/],
    ['a link to nothing', [fileStat('a', 0o644, { linkname: 'z' })], /invalid link a to unknown path: "z"/],
    ['a link out', [fileStat('a', 0o644, { linkname: '../z' })], /invalid link a to unknown path/],
    ['a device without the helper', [fileStat('a', GoMode.DEVICE | 0o644)], /mknod a/],
  ];
  for (const [name, stats, error] of lists) {
    test(`refuses ${name}`, async (t) => {
      const { dir, peer, done, say } = start(t);
      for (const stat of stats) say.stat(stat);
      say.stat();
      await assert.rejects(done, error);
      const packets: Packet[] = [];
      for (let message = await peer.read(); message; message = await peer.read()) packets.push(decodePacket(message));
      assert.equal(packets.at(-1)?.type, PacketType.ERR);
      assert.match(`Error: ${packets.at(-1)?.data}`, error);
      assert.equal(existsSync(join(dir, '..', 'b')), false);
    });
  }

  const hostile: [string, (say: ReturnType<typeof packetOutput>, peer: StreamEnd) => void, RegExp][] = [
    ['sends data that nobody wants', (say) => say.data(3, Buffer.from('x')), /invalid file request 3/],
    [
      'fails',
      (say) => say.error('open /x: permission denied'),
      /^Error: error from sender: open \/x: permission denied$/,
    ],
    ['goes away', (_, peer) => peer.end(), /the sender ended the transfer/],
  ];
  for (const [name, speak, error] of hostile) {
    test(`when the sender ${name}`, async (t) => {
      const { peer, done, say } = start(t);
      say.stat(fileStat('a', 0o644, { size: 1 }));
      speak(say, peer);
      await say.drained();
      await assert.rejects(done, error);
    });
  }
});
