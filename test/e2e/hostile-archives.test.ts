import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dockerArchive, dockerArchiveFiles, type Entry, sha256, tar } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);
const small: Entry[] = [{ path: 'file', body: 'x' }];
const victim = join(box.dir, 'victim');

/** The files of a good archive with one thing spoiled. */
async function spoiled(spoil: (files: Entry[]) => Entry[]): Promise<Buffer> {
  return tar(spoil(await dockerArchiveFiles([{ name: 'bad:latest', layers: [small] }])));
}
const replace = (files: Entry[], match: RegExp, body: string | Buffer) =>
  files.map((file) => (match.test(file.path) ? { ...file, body } : file));

const table: [what: string, archive: () => Promise<Buffer>, sentence: RegExp][] = [
  ['not an archive', async () => Buffer.from('hello, I am not a tar at all\n'.repeat(100)), /./],
  ['empty', async () => Buffer.alloc(0), /./],
  ['an archive without a manifest', () => tar([{ path: 'x', body: 'y' }]), /manifest|unrecognized|format/i],
  [
    'truncated',
    async () =>
      (
        await dockerArchive([{ name: 'bad:latest', layers: [[{ path: 'f', body: Buffer.alloc(50_000, 1) }]] }])
      ).subarray(0, 20_000),
    /./,
  ],
  [
    'truncated gzip',
    async () => gzipSync(await dockerArchive([{ name: 'bad:latest', layers: [small] }])).subarray(0, 300),
    /./,
  ],
  ['manifest is not JSON', () => spoiled((files) => replace(files, /manifest.json/, '{nonsense')), /manifest/],
  [
    'manifest names a missing layer',
    () => spoiled((files) => files.filter(({ path }) => !path.endsWith('layer.tar'))),
    /layer/,
  ],
  [
    'configuration is missing',
    () => spoiled((files) => files.filter(({ path }) => !/^[0-9a-f]{64}\.json$/.test(path))),
    /json|config/,
  ],
  [
    'layer with another digest',
    () => spoiled((files) => replace(files, /layer.tar$/, Buffer.alloc(10_240, 0))),
    /digest|diff/i,
  ],
  [
    'manifest points outside',
    () =>
      spoiled((files) =>
        replace(
          files,
          /manifest.json/,
          JSON.stringify([{ Config: '../../../etc/passwd', RepoTags: ['bad:latest'], Layers: [] }]),
        ),
      ),
    /./,
  ],
  [
    'a huge manifest by its claim',
    () => spoiled((files) => replace(files, /manifest.json/, `[${' '.repeat(40_000_000)}]`)),
    /./,
  ],
];

for (const [what, archive, sentence] of table) {
  test(what, async () => {
    await box.leavesNothing(async () => {
      const input = await archive();
      const file = join(box.dir, 'hostile.tar');
      writeFileSync(file, input);
      for (const result of [await box.nerdctl(['load'], { input }), await box.nerdctl(['load', '-i', file])]) {
        assert.equal(result.code, 1, result.stdout + result.stderr);
        assert.match(result.stderr, sentence);
        assert.ok(result.stderr.trim().split('\n').length <= 2, result.stderr);
        assert.doesNotMatch(result.stderr, /\n\s+at .*:\d+/);
      }
      assert.doesNotMatch(await box.ok(['images']), /^bad/m);
    });
  });
}

test('a layer whose paths and links lead outside writes nothing outside', async () => {
  const kept = `${victim}-kept`;
  writeFileSync(kept, 'kept');
  const layer: Entry[] = [
    { path: `../../../../../../..${victim}-dots`, body: 'out' },
    { path: `${victim}-absolute`, body: 'out' },
    { path: 'link', link: box.dir },
    { path: 'link/victim-link', body: 'out' },
    { path: 'hard', link: kept, hard: true },
    { path: 'hard', body: 'out' },
  ];
  const name = `bad-${sha256('x').slice(0, 6)}`;
  await box.nerdctl(['load'], { input: await dockerArchive([{ name: `${name}:latest`, layers: [layer] }]) });
  await box.nerdctl(['run', '--rm', name, '/none']);
  for (const end of ['-dots', '-absolute', '-link']) assert.equal(existsSync(victim + end), false, end);
  assert.equal(readFileSync(kept, 'utf8'), 'kept');
  await box.nerdctl(['rmi', '-f', name]);
});
