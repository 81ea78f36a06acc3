import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyUpVolumes } from '../../../../src/engine/mounts/copy-up.ts';
import { resolveInRoot } from '../../../../src/engine/mounts/rooted-path.ts';
import { createVolume } from '../../../../src/engine/volume/create.ts';
import { type FakeEngine, fakeEngine } from '../volume/fake-engine.ts';

const isRoot = process.getuid?.() === 0;

async function setUp(engine: FakeEngine) {
  const rootfs = join(engine.dir, 'rootfs');
  mkdirSync(join(rootfs, 'data/sub'), { recursive: true });
  const { Mountpoint: data } = await createVolume(engine, { name: 'vol' });
  const copy = (destination: string) => copyUpVolumes(engine, rootfs, [{ volume: 'vol', data, destination }]);
  return { rootfs, data, copy };
}

test('content comes with modes, times, links and the directory’s own mode', async (t) => {
  const engine = fakeEngine(t);
  const { rootfs, data, copy } = await setUp(engine);
  const source = join(rootfs, 'data');
  writeFileSync(join(source, 'a'), 'hello');
  linkSync(join(source, 'a'), join(source, 'sub/b'));
  symlinkSync('/etc/passwd', join(source, 'outside'));
  chmodSync(join(source, 'a'), 0o4750);
  utimesSync(join(source, 'a'), 1, 1_000_000);
  chmodSync(source, 0o1770);
  await copy('/data');
  assert.equal(readFileSync(join(data, 'a'), 'utf8'), 'hello');
  assert.equal(lstatSync(join(data, 'a')).ino, lstatSync(join(data, 'sub/b')).ino);
  assert.equal(lstatSync(join(data, 'a')).mode & 0o7777, 0o4750);
  assert.equal(lstatSync(join(data, 'a')).mtimeMs, 1e9);
  assert.equal(readlinkSync(join(data, 'outside')), '/etc/passwd');
  assert.equal(lstatSync(data).mode & 0o7777, 0o1770);
  assert.deepEqual(engine.lockLog.slice(2), ['exclusive volumes/default/vol', 'release volumes/default/vol']);
});

test('owners, devices and extended attributes come too', { skip: !isRoot && 'this machine lacks root' }, async (t) => {
  const { rootfs, data, copy } = await setUp(fakeEngine(t));
  const source = join(rootfs, 'data');
  writeFileSync(join(source, 'a'), '');
  symlinkSync('a', join(source, 'link'));
  execFileSync('chown', ['-h', '12:34', join(source, 'link')]);
  execFileSync('mknod', [join(source, 'null'), 'c', '1', '3']);
  chownSync(source, 1000, 1001);
  await copy('/data');
  assert.deepEqual([lstatSync(data).uid, lstatSync(data).gid], [1000, 1001]);
  assert.deepEqual([lstatSync(join(data, 'link')).uid, lstatSync(join(data, 'link')).gid], [12, 34]);
  assert.ok(lstatSync(join(data, 'null')).isCharacterDevice());
});

test('an empty directory of the image still gives its mode', async (t) => {
  const { rootfs, data, copy } = await setUp(fakeEngine(t));
  chmodSync(join(rootfs, 'data/sub'), 0o700);
  await copy('/data/sub');
  assert.equal(lstatSync(data).mode & 0o7777, 0o700);
});

test('a volume that has something keeps it', async (t) => {
  const { rootfs, data, copy } = await setUp(fakeEngine(t));
  writeFileSync(join(rootfs, 'data/a'), 'image');
  writeFileSync(join(data, 'mine'), '');
  await copy('/data');
  assert.deepEqual(readdirSync(data), ['mine']);
});

for (const place of ['/nope', '/data/file', '/data/file/below']) {
  test(`nothing is copied from ${place}`, async (t) => {
    const { rootfs, data, copy } = await setUp(fakeEngine(t));
    writeFileSync(join(rootfs, 'data/file'), '');
    await copy(place);
    assert.deepEqual(readdirSync(data), []);
  });
}

test('a hostile image cannot make the volume take files of the host', async (t) => {
  const engine = fakeEngine(t);
  const { rootfs, data, copy } = await setUp(engine);
  mkdirSync(join(engine.dir, 'secret'));
  writeFileSync(join(engine.dir, 'secret/key'), 'host');
  symlinkSync(join(engine.dir, 'secret'), join(rootfs, 'absolute'));
  symlinkSync('../../../../../../../../..', join(rootfs, 'up'));
  symlinkSync('../secret', join(rootfs, 'beside'));
  for (const place of [
    '/absolute',
    `/up${engine.dir}/secret`,
    '/beside',
    '/data/../../secret',
    `/../${engine.dir}/secret`,
  ]) {
    await copy(place);
    assert.ok(!existsSync(join(data, 'key')), place);
  }
});

const paths: [string, string | undefined][] = [
  ['/', ''],
  ['/data', 'data'],
  ['/data/../data/./sub/', 'data/sub'],
  ['/../../data', 'data'],
  ['/abs/sub', 'data/sub'],
  ['/rel', 'data/sub'],
  ['/up/data', 'data'],
  ['/dangling', undefined],
  ['/data/none', undefined],
];
for (const [path, expected] of paths) {
  test(`${path} below a root`, async (t) => {
    const { rootfs } = await setUp(fakeEngine(t));
    symlinkSync('/data', join(rootfs, 'abs'));
    symlinkSync('./abs/sub', join(rootfs, 'rel'));
    symlinkSync('../../..', join(rootfs, 'up'));
    symlinkSync('/gone', join(rootfs, 'dangling'));
    assert.equal(resolveInRoot(rootfs, path), expected === undefined ? undefined : join(rootfs, expected));
  });
}

test('a loop of links ends', async (t) => {
  const { rootfs } = await setUp(fakeEngine(t));
  symlinkSync('b', join(rootfs, 'a'));
  symlinkSync('a', join(rootfs, 'b'));
  assert.throws(() => resolveInRoot(rootfs, '/a'), /too many levels of symbolic links/);
});
