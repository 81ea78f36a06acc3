import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bytesMessage } from '../../../src/buildkit/bytes-message.ts';
import { decodePacket } from '../../../src/buildkit/fsutil/packet.ts';
import { packetOutput } from '../../../src/buildkit/fsutil/packet-output.ts';
import { fileStat } from '../../../src/buildkit/fsutil/stat.ts';
import { fileSendService } from '../../../src/buildkit/services/file-send.ts';
import { fileSyncService } from '../../../src/buildkit/services/file-sync.ts';
import { headerValues } from '../../../src/buildkit/services/header-values.ts';
import type { HeaderField } from '../../../src/grpc/hpack.ts';
import type { Handler, ServerCall } from '../../../src/grpc/server.ts';
import { Code } from '../../../src/grpc/status.ts';
import type { HostHelper } from '../../../src/host/helper.ts';
import { streamPair } from './stream-pair.ts';
import { makeTree, shown, temporaryDirectory } from './temporary-tree.ts';

/** Calls a handler; the peer's end, and the end of the call. */
function call(service: [string, Handler][], metadata: HeaderField[]) {
  const [path, handler] = service[0]!;
  const [ours, peer] = streamPair();
  const serverCall: ServerCall = { ...ours, path, metadata, write: () => Promise.reject(new Error('unused')) };
  const done = handler(serverCall).finally(ours.end);
  done.catch(() => {});
  return { peer, done, output: packetOutput(peer) };
}

describe('header values', () => {
  const table: [string, HeaderField[], string[]][] = [
    ['none', [], []],
    [
      'in order, with what looks like a list',
      [
        ['p', 'a, b'],
        ['q', 'x'],
        ['p', 'c+d%20'],
      ],
      ['a, b', 'c+d%20'],
    ],
    [
      'escaped',
      [
        ['p', 'caf%C3%A9+%2B%25'],
        ['p', 'a/**'],
        ['p-encoded', '1'],
      ],
      ['café +%', 'a/**'],
    ],
    [
      'escaped bytes that are no UTF-8',
      [
        ['p-encoded', '1'],
        ['p', '%ff%FE'],
      ],
      ['\uDCFF\uDCFE'],
    ],
    [
      'an escape that is none',
      [
        ['p-encoded', '1'],
        ['p', 'a%zz'],
      ],
      [''],
    ],
    ['UTF-8 as it is', [['p', Buffer.from('é').toString('latin1')]], ['é']],
  ];
  for (const [name, metadata, values] of table) {
    test(name, () => assert.deepEqual(headerValues(metadata, 'p'), values));
  }
});

describe('file sync', () => {
  test('sends of the named directory what is asked for', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['Dockerfile', 'a/é.go', 'a/b.txt', 'l -> a', 'other']);
    const { peer, done, output } = call(fileSyncService({ context: { path: dir }, dockerfile: { path: '/' } }), [
      ['dir-name', 'context'],
      ['include-patterns', '%2A%2A%2F%C3%A9.go'],
      ['include-patterns', 'a/b.txt'],
      ['include-patterns-encoded', '1'],
      ['exclude-patterns', '**/*.txt'],
      ['followpaths', 'l'],
      ['followpaths', 'Dockerfile'],
    ]);
    const seen: string[] = [];
    for (let stat = decodePacket((await peer.read())!).stat; stat; stat = decodePacket((await peer.read())!).stat) {
      seen.push(shown(stat));
      assert.deepEqual([stat.uid, stat.gid], [0, 0]);
    }
    assert.deepEqual(seen, ['Dockerfile', 'a/', 'a/é.go', 'l -> a']);
    output.fin();
    await done;
  });

  test('a helper that does not work costs the extended attributes, once', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['a/b', 'c/d']);
    let asked = 0;
    const broken = Object.assign(new Error('cannot start'), { code: 'EPIPE' });
    const listXattrs = () => {
      asked++;
      return Promise.reject(broken);
    };
    const service = fileSyncService({ context: { path: dir } }, { listXattrs } as unknown as HostHelper);
    const { peer, done, output } = call(service, [['dir-name', 'context']]);
    let count = 0;
    while (decodePacket((await peer.read())!).stat) count++;
    output.fin();
    await done;
    assert.deepEqual([count, asked], [4, 1]);
  });

  test('knows no other directory', async () => {
    for (const name of ['other', 'constructor', '']) {
      const { done } = call(fileSyncService({ context: { path: '/' } }), [['dir-name', name]]);
      await assert.rejects(done, { code: Code.NOT_FOUND, message: `no access allowed to dir "${name}"` });
    }
  });
});

describe('file send', () => {
  test('gives a file output the bytes, and what the exporter says of them', async () => {
    let got = '';
    let said = {};
    const sink = async (chunks: AsyncIterable<Uint8Array>, metadata: Record<string, string>) => {
      for await (const chunk of chunks) got += Buffer.from(chunk).toString();
      said = metadata;
    };
    const { peer, done } = call(fileSendService([{ id: 1, kind: 'file', sink }]), [
      ['buildkit-attachable-exporter-id', '1'],
      ['exporter-md-containerimage.digest', 'sha256:1'],
      ['exporter-md-name', 'a,b'],
    ]);
    for (const text of ['one', '', ' two']) {
      const message = Buffer.concat(bytesMessage([Buffer.from(text)]));
      await peer.writeFramed(Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message]));
    }
    peer.end();
    await done;
    assert.equal(got, 'one two');
    assert.deepEqual(said, { 'containerimage.digest': 'sha256:1', name: 'a,b' });
  });

  test('writes a local output to its directory, which it makes', async (t) => {
    const dir = join(temporaryDirectory(t), 'new/out');
    const { peer, done, output } = call(fileSendService([{ id: 0, kind: 'local', dir }]), []);
    output.stat(fileStat('a', 0o644, { size: 2 }));
    output.stat();
    await peer.read();
    output.data(0, Buffer.from('ok'));
    output.endOfFile(0);
    await peer.read();
    output.fin();
    await output.drained();
    peer.end();
    await done;
    assert.equal(readFileSync(join(dir, 'a'), 'utf8'), 'ok');
  });

  test('has no place for other exporters', async () => {
    const { done } = call(fileSendService([]), [['buildkit-attachable-exporter-id', '2']]);
    await assert.rejects(done, /nothing takes the output of exporter 2/);
  });
});
