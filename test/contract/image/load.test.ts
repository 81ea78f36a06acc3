import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { Engine } from '../../../src/engine/engine.ts';
import { loadImages } from '../../../src/engine/image/load.ts';
import { saveImages } from '../../../src/engine/image/save.ts';
import { seekableFile } from '../../../src/host/seekable.ts';
import { fakeContainerd, type Stores } from './fake-containerd.ts';
import { digestOf } from './fake-registry.ts';

type Entry = [name: string, content: Buffer | string | Partial<Header>];

async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of entries) {
    if (typeof content === 'string' || Buffer.isBuffer(content)) archive.entry({ name }, content);
    else archive.entry({ name, ...content });
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const hex = (bytes: Uint8Array): string => digestOf(bytes).slice('sha256:'.length);
const layers = [randomBytes(400_000), randomBytes(100)];
const config = Buffer.from(
  JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
  }),
);
const configName = `${hex(config)}.json`;
const manifest = (overrides: object = {}): string =>
  JSON.stringify([{ Config: configName, RepoTags: ['app:1'], Layers: ['a/layer.tar', 'b/layer.tar'], ...overrides }]);

const good: Entry[] = [
  ['a/layer.tar', layers[0]!],
  ['b/layer.tar', layers[1]!],
  [configName, config],
  ['manifest.json', manifest()],
];

describe('load', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-load-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  let stores: Stores;
  let engine: Engine;

  beforeEach(() => {
    const fake = fakeContainerd();
    stores = fake.stores;
    const settings = { snapshotter: 'overlayfs' };
    engine = { containerd: fake.containerd, settings, signal: new AbortController().signal } as unknown as Engine;
  });

  const fromPipe = (bytes: Buffer, chunk = 64 << 10) =>
    loadImages(
      engine,
      Readable.from(
        (function* () {
          for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
        })(),
        { objectMode: false },
      ),
    );
  /** The archive is the rest of a file. */
  const fromFile = async (bytes: Buffer) => {
    const path = join(dir, 'archive');
    writeFileSync(path, Buffer.concat([Buffer.from('past'), bytes]));
    const fd = openSync(path, 'r');
    readSync(fd, Buffer.alloc(4), 0, 4, null);
    try {
      return await loadImages(engine, seekableFile(fd)!);
    } finally {
      closeSync(fd);
    }
  };

  const accepted: { title: string; entries: Entry[]; names?: string[] }[] = [
    { title: 'a docker archive', entries: good },
    { title: 'one with manifest.json first', entries: [...good].reverse() },
    { title: 'one with ./ before its names', entries: good.map(([name, content]) => [`./${name}`, content]) },
    {
      title: 'layers that are links to each other',
      entries: [
        ['x/layer.tar', layers[0]!],
        ['a/layer.tar', { type: 'symlink', linkname: '../x/layer.tar' }],
        ...good.slice(1),
      ],
    },
    {
      title: 'an image without a name',
      entries: [...good.slice(0, 3), ['manifest.json', manifest({ RepoTags: null })]],
      names: [],
    },
  ];
  for (const { title, entries, names = ['docker.io/library/app:1'] } of accepted) {
    for (const load of [fromPipe, fromFile])
      it(`takes ${title}, ${load.name}`, async () => {
        const [loaded, ...more] = await load(await tar(entries));
        assert.deepEqual(loaded, { names, imageId: digestOf(config) });
        assert.equal(more.length, 0);
        assert.equal(stores.snapshots.size, 2);
        assert.equal(stores.images.size, 1);
      });
  }

  it('takes an image without layers as Go writes it', async () => {
    const bare = Buffer.from(
      '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":null}}',
    );
    const entry = { Config: `${hex(bare)}.json`, RepoTags: ['bare:1'], Layers: null };
    await fromPipe(
      await tar([
        [entry.Config, bare],
        ['manifest.json', JSON.stringify([entry])],
      ]),
    );
    assert.deepEqual([stores.images.size, stores.snapshots.size], [1, 0]);
  });

  it('takes gzip around it, in pieces of any size', async () => {
    await fromPipe(gzipSync(await tar(good)), 997);
    assert.equal(stores.images.size, 1);
  });

  it('takes gzip around it in a file', async () => {
    await fromFile(gzipSync(await tar(good)));
    assert.equal(stores.images.size, 1);
  });

  it('takes gzip layers from a file, and stores each blob once', async () => {
    const zipped = gzipSync(layers[0]!);
    await fromFile(await tar([['a/layer.tar', zipped], ...good.slice(1)]));
    assert.deepEqual(new Set(stores.blobs.keys()).has(digestOf(zipped)), true);
    assert.equal(stores.snapshots.size, 2);
  });

  it('takes up from a file what a killed load has left, and begins again where that is wrong', async () => {
    const ref = `layer-${digestOf(layers[0]!)}`;
    for (const left of [layers[0]!.subarray(0, 1000), Buffer.alloc(1000, 'x')]) {
      stores.blobs.clear();
      stores.ingests.set(ref, left);
      await fromFile(await tar(good));
      assert.equal(stores.blobs.get(digestOf(layers[0]!))?.bytes.length, layers[0]!.length);
    }
  });

  it('leaves what no image of a file names alone', async () => {
    const other = randomBytes(300_000);
    await fromFile(await tar([['other', other], ...good]));
    assert.equal(stores.blobs.has(digestOf(other)), false);
  });

  for (const load of [fromPipe, fromFile])
    it(`makes of an archive from before 1.10 the image that docker makes of it, ${load.name}`, async () => {
      const [base, top] = ['a'.repeat(64), 'b'.repeat(64)];
      const v1 = { created: '2015-01-01T00:00:00Z', architecture: 'amd64', os: 'linux' };
      const [loaded] = await load(
        await tar([
          [
            `${base}/json`,
            JSON.stringify({ id: base, ...v1, container_config: { Cmd: ['/bin/sh', '-c', '#(nop) ADD <x>'] } }),
          ],
          [`${base}/layer.tar`, layers[0]!],
          [`${top}/json`, JSON.stringify({ id: top, parent: base, ...v1, config: { Cmd: ['sh'] }, Size: 5 })],
          [`${top}/layer.tar`, layers[1]!],
          ['repositories', JSON.stringify({ app: { old: top } })],
        ]),
      );
      assert.deepEqual(loaded?.names, ['docker.io/library/app:old']);
      const converted = stores.blobs.get(loaded!.imageId)!.bytes.toString();
      assert.match(converted, /^\{"architecture":"amd64","config":\{"Cmd":\["sh"\]\},"created":/);
      assert.match(
        converted,
        /"history":\[\{"created":"2015-01-01T00:00:00Z","created_by":"\/bin\/sh -c #\(nop\) ADD \\u003cx\\u003e"\},/,
      );
      assert.doesNotMatch(converted, /parent|Size|"id"/);
    });

  it('takes back what save wrote, with the same ID', async () => {
    await fromPipe(await tar(good));
    const chunks: Uint8Array[] = [];
    for await (const chunk of saveImages(engine, ['app:1'])) chunks.push(chunk);
    const saved = Buffer.concat(chunks);
    const other = fakeContainerd();
    const [loaded] = await loadImages({ ...engine, containerd: other.containerd }, Readable.from([saved]));
    assert.deepEqual(loaded, { names: ['docker.io/library/app:1'], imageId: digestOf(config) });
    assert.deepEqual([...other.stores.images.values()][0]?.target, [...stores.images.values()][0]?.target);
  });

  const wrongBlob = `blobs/sha256/${'0'.repeat(64)}`;
  const refused: { title: string; bytes: () => Promise<Buffer>; message: RegExp; onlyPipe?: boolean }[] = [
    {
      title: 'a path that leaves it',
      bytes: () => tar([['../../etc/passwd', 'x'], ...good]),
      message: /"\.\.\/\.\.\/etc\/passwd" points outside it$/,
    },
    {
      title: 'an absolute path',
      bytes: () => tar([['/etc/passwd', 'x'], ...good]),
      message: /"\/etc\/passwd" points outside it$/,
    },
    {
      title: 'a link that leaves it',
      bytes: () => tar([['a/layer.tar', { type: 'symlink', linkname: '../../etc/shadow' }], ...good.slice(1)]),
      message: /"\.\.\/\.\.\/etc\/shadow" points outside it$/,
    },
    {
      title: 'links in a circle',
      bytes: () =>
        tar([
          ['a/layer.tar', { type: 'symlink', linkname: '../c' }],
          ['c', { type: 'symlink', linkname: 'a/layer.tar' }],
          ...good.slice(1),
        ]),
      message: /the link "a\/layer\.tar" never ends$/,
    },
    { title: 'a missing layer', bytes: () => tar(good.slice(1)), message: /"a\/layer\.tar" is missing$/ },
    {
      title: 'a missing config',
      bytes: () => tar([...good.slice(0, 2), good[3]!]),
      message: /"[0-9a-f]+\.json" is missing$/,
    },
    {
      title: 'a layer that is another',
      bytes: () => tar([['a/layer.tar', randomBytes(400_000)], ...good.slice(1)]),
      message: /^layer a\/layer\.tar is corrupt/,
    },
    {
      title: 'a config that is another',
      bytes: () => tar([...good.slice(0, 2), [configName, `${config} `], good[3]!]),
      message: /^image config .* is corrupt/,
    },
    {
      title: 'a small blob with a wrong name',
      bytes: () =>
        tar([
          [wrongBlob, 'x'],
          ...good.slice(1, 3),
          ['manifest.json', manifest({ Layers: [wrongBlob, 'b/layer.tar'] })],
        ]),
      message: /corrupt/,
    },
    {
      title: 'a large blob with a wrong name',
      bytes: () => tar([[wrongBlob, randomBytes(300_000)], ...good]),
      message: /^archive entry blobs\/sha256\/0+ is corrupt/,
      // Nothing names it.
      onlyPipe: true,
    },
    {
      title: 'more layers than the config has',
      bytes: () => tar([...good.slice(0, 3), ['manifest.json', manifest({ Layers: ['a/layer.tar'] })]]),
      message: /^the archive is inconsistent/,
    },
    {
      title: 'a manifest that is none',
      bytes: () => tar([['manifest.json', '{"a":1}']]),
      message: /does not describe images/,
    },
    { title: 'a manifest that is no JSON', bytes: () => tar([['manifest.json', '[{']]), message: /is not valid JSON$/ },
    {
      title: 'an empty list of images',
      bytes: () => tar([['manifest.json', '[]']]),
      message: /its list of images is empty$/,
    },
    {
      title: 'no image',
      bytes: () => tar([['hello', 'x']]),
      message: /neither manifest\.json nor oci-layout with index\.json is in it$/,
    },
    { title: 'half an archive', bytes: async () => (await tar(good)).subarray(0, 200_000), message: /is truncated/ },
    {
      title: 'half a compressed archive',
      bytes: async () => gzipSync(await tar(good)).subarray(0, 200_000),
      message: /is truncated/,
    },
    {
      title: 'a file that claims 4 TB',
      bytes: async () => Buffer.concat([hugeHeader(), Buffer.alloc(5000)]),
      message: /is truncated/,
    },
    { title: 'what is no archive', bytes: async () => Buffer.alloc(10_000, 'x'), message: /not a tar archive/ },
    {
      title: 'a tag that is no name',
      bytes: () => tar([...good.slice(0, 3), ['manifest.json', manifest({ RepoTags: ['A B'] })]]),
      message: /invalid reference format/,
    },
    {
      title: 'an OCI layout with a digest that leaves it',
      bytes: () =>
        tar([
          ['oci-layout', '{}'],
          ['index.json', '{"manifests":[{"digest":"sha256:../../x","size":1}]}'],
        ]),
      message: /no valid digest$/,
    },
  ];
  for (const { title, bytes, message, onlyPipe } of refused) {
    for (const load of onlyPipe ? [fromPipe] : [fromPipe, fromFile])
      it(`refuses ${title}, ${load.name}, in one sentence, and names nothing`, async () => {
        await assert.rejects(
          bytes().then((archive) => load(archive)),
          { name: 'DockerError', message },
        );
        assert.equal(stores.images.size, 0);
        assert.equal(stores.leases.size, 0);
        assert.equal(stores.ingests.size, 0);
      });
  }
});

/** tar-stream will not write an entry without its content. */
function hugeHeader(): Buffer {
  const header = Buffer.alloc(512);
  header.write('a/layer.tar');
  header.write('0000644\0', 100);
  header.writeBigUInt64BE(BigInt(2 ** 42), 128);
  header[124] = 0x80;
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}
