import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);

const canZstd = 'createZstdCompress' in zlib || spawnSync('zstd', ['--version']).status === 0;
const skip = !canZstd && 'this machine lacks zstd: a Node from 22.15 on, or the program';

interface Native {
  Manifest: { mediaType: string; config: { mediaType: string }; layers: { mediaType: string; digest: string }[] };
  ImageConfig: { rootfs: { diff_ids: string[] } };
}

const native = async (name: string): Promise<Native> =>
  (JSON.parse(await box.ok(['image', 'inspect', '--mode', 'native', name])) as [Native])[0];
const id = (name: string): Promise<string> => box.ok(['images', '-q', '--no-trunc', name]);

test('--oci changes what the documents are called, and nothing else', async () => {
  const before = await native('full');
  assert.match(await box.ok(['image', 'convert', '--oci', 'full', 'oci:1']), /^sha256:[0-9a-f]{64}$/);
  const { Manifest } = await native('oci:1');
  assert.equal(Manifest.mediaType, 'application/vnd.oci.image.manifest.v1+json');
  assert.equal(Manifest.config.mediaType, 'application/vnd.oci.image.config.v1+json');
  for (const { mediaType } of Manifest.layers) assert.match(mediaType, /^application\/vnd\.oci\.image\.layer\.v1\.tar/);
  const digests = (layers: Native['Manifest']['layers']) => layers.map(({ digest }) => digest);
  assert.deepEqual(digests(Manifest.layers), digests(before.Manifest.layers));
  assert.equal(await id('oci:1'), await id('full'));
  assert.equal(await box.ok(['run', '--rm', 'oci:1', 'x']), 'entry x');
  await box.ok(['rmi', 'oci:1']);
});

test('--zstd and back by --uncompress: the same layers, the same image', { skip }, async () => {
  const { stdout, stderr } = await box.nerdctl(['image', 'convert', '--zstd', 'full', 'zstd:1']);
  assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/, 'for scripts');
  for (const state of ['Waiting', 'Convert complete']) {
    assert.equal(stderr.match(new RegExp(`^[0-9a-f]{12}: ${state}$`, 'gm'))?.length, 3, stderr);
  }
  const packed = await native('zstd:1');
  for (const { mediaType } of packed.Manifest.layers) assert.match(mediaType, /tar\+zstd$/);
  const terminal = box.terminal(['image', 'convert', '--uncompress', 'zstd:1', 'plain:1'], { columns: 120 });
  await terminal.shows(/[0-9a-f]{12}: Convert complete[\s\S]*sha256:[0-9a-f]{64}/);
  assert.equal((await terminal.ended).code, 0);
  assert.ok(terminal.screen().includes('\x1b[2K'), 'repainted');
  const plain = await native('plain:1');
  const digests = plain.Manifest.layers.map(({ digest }) => digest);
  assert.deepEqual(digests, plain.ImageConfig.rootfs.diff_ids);
  assert.equal(await id('plain:1'), await id('full'));

  const archive = join(box.dir, 'zstd.tar');
  await box.ok(['save', '-o', archive, 'zstd:1']);
  await box.ok(['rmi', 'plain:1', 'zstd:1', 'full']);
  await box.ok(['load', '-i', archive]);
  assert.equal(await box.ok(['run', '--rm', 'zstd:1', 'x']), 'entry x', 'unpacked anew');
  await box.ok(['rmi', 'zstd:1']);
  await box.ok(['load', '-q', '-i', box.lane.archive]);
});

test('what cannot be converted', async () => {
  await box.fails(['image', 'convert', 'bb', 'x'], 1, /^nothing to convert/m);
  await box.fails(['image', 'convert', '--zstd', '--uncompress', 'bb', 'x'], 1, /^conflicting options/m);
  for (const flag of ['estargz', 'zstdchunked', 'nydus', 'overlaybd', 'soci', 'erofs=raw', 'nydus-compressor=zstd']) {
    const name = flag.replace(/=.*/, '');
    await box.fails(['image', 'convert', `--${flag}`, 'bb', 'x'], 1, new RegExp(`--${name} is not supported`));
  }
  for (const verb of ['encrypt', 'decrypt']) {
    await box.fails(['image', verb, '--recipient=jwe:key', 'bb', 'x'], 1, /encrypted images are not supported$/m);
  }
  const events = await box.nerdctl(['image', 'convert', '--oci', '--progress=json', '--format=json', 'bb', 'json:1']);
  assert.equal(JSON.parse(events.stdout).Image.replace(/@.*/, ''), 'docker.io/library/json:1');
  const states = events.stderr
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { state: string }).state);
  assert.deepEqual(states, ['waiting', 'kept']);
  await box.ok(['rmi', 'json:1']);
  await box.fails(['image', 'convert', '--oci', 'nosuch', 'x'], 1, /No such image: nosuch:latest/);
  await box.fails(['image', 'convert', '--oci', 'bb', 'x@sha256:00'], 1, /invalid/);
});
