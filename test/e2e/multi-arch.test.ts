import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  addImage,
  addIndex,
  entryOf,
  type FakeRegistry,
  fakeRegistry,
  putIndex,
  type TestImage,
} from '../contract/image/fake-registry.ts';
import { hostArchitecture, tar } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';
import { findProgram } from '../harness/engines.ts';
import { lacksRegistry, type Registry, startRegistry } from '../harness/registry.ts';

const box = openBox(import.meta.url);
const skip = lacksRegistry(box.lane.registry);
const skopeo = findProgram('skopeo');
const own = hostArchitecture();
const [second, third] = ['amd64', 'arm64', 'arm/v7'].filter((each) => each !== own) as [string, string];
const exec = promisify(execFile);

let origin: FakeRegistry;
let registry: Registry;
let images: Record<string, TestImage>;
let digest: string;
const platform = (name: string) => `linux/${name}`;

before(async () => {
  await box.ok(['images']);
  origin = await fakeRegistry();
  const layer = (text: string) => tar([{ path: 'etc' }, { path: 'etc/arch', body: text.repeat(3000) }]);
  const base = await layer('shared');
  images = {};
  for (const name of [second, third, own]) {
    images[name] = addImage(origin, name.replace('/', ''), [base, await layer(name)], name.split('/')[0]);
  }
  digest = addIndex(origin, 'multi', images);
  if (box.lane.registry) registry = await startRegistry(box.lane.registry, join(box.dir, 'registry'));
});
after(() => Promise.all([origin?.close(), registry?.stop()]));

const name = () => `${origin.host}/team/app:multi`;
const raw = async (ref: string): Promise<string> => {
  const [, path, tag] = /^[^/]+\/(.*):(.*)$/.exec(ref) as unknown as [string, string, string];
  const headers = { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' };
  const response = await fetch(`http://${registry.host}/v2/${path}/manifests/${tag}`, { headers });
  assert.equal(response.status, 200, ref);
  return response.text();
};
const rows = async (ref: string): Promise<string[]> =>
  (await box.ok(['images', '--tree', ref])).split('\n').filter((line) => /^[├└]─/.test(line));
const id = (ref: string): Promise<string> => box.ok(['images', '-q', '--no-trunc', ref]);

test('three platforms and their attestations go through a registry, to the byte', { skip }, async () => {
  await box.ok(['pull', '-q', '--all-platforms', name()]);
  const target = `${registry.host}/all:multi`;
  await box.ok(['tag', name(), target]);
  await box.ok(['push', '--all-platforms', target]);
  const index = origin.manifests.get('multi')!.bytes.toString();
  assert.equal(await raw(target), index);
  await box.ok(['rmi', name(), target]);

  for (const [arch, image] of Object.entries(images)) {
    await box.ok(['pull', '-q', '--platform', platform(arch), target]);
    const config = await box.ok(['image', 'inspect', '--platform', platform(arch), '-f', '{{.Id}}', target]);
    assert.equal(config, image.config);
  }
  await box.ok(['rmi', target]);

  if (skopeo === undefined) return;
  const dir = join(box.dir, 'layout');
  const copy = (from: string, to: string) =>
    exec(skopeo, [
      '--insecure-policy',
      'copy',
      '-q',
      '--all',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      from,
      to,
    ]);
  await copy(`docker://${target}`, `oci:${dir}:multi`);
  await copy(`oci:${dir}:multi`, `docker://${registry.host}/skopeo:multi`);
  assert.equal(await raw(`${registry.host}/skopeo:multi`), index, 'skopeo has pulled what we have pushed');
  await box.ok(['pull', '-q', `${registry.host}/skopeo:multi`]);
  assert.equal(await id(`${registry.host}/skopeo:multi`), images[own]!.config);
  await box.ok(['rmi', `${registry.host}/skopeo:multi`]);
});

test('an index in an index is pulled, run and pushed', { skip }, async () => {
  const inner = putIndex(origin, 'inner', [
    entryOf(origin, images[own]!.digest, { os: 'linux', architecture: own }),
    entryOf(origin, images[second]!.digest, { os: 'linux', architecture: second.split('/')[0] }),
  ]);
  putIndex(origin, 'nested', [entryOf(origin, inner), entryOf(origin, digest)]);
  const nested = `${origin.host}/team/app:nested`;
  await box.ok(['pull', '-q', nested]);
  assert.equal(await id(nested), images[own]!.config);
  await box.ok(['pull', '-q', '--all-platforms', nested]);
  const target = `${registry.host}/nested:1`;
  await box.ok(['tag', nested, target]);
  await box.ok(['push', '-q', target]);
  assert.equal(await raw(target), origin.manifests.get('nested')!.bytes.toString());
  await box.ok(['rmi', nested, target]);
});

test('rmi --platform takes the content of one platform, and no layer that another one needs', async () => {
  await box.leavesNothing(async () => {
    await box.ok(['pull', '-q', '--all-platforms', '--unpack=true', name()]);
    await box.fails(
      ['rmi', '--platform', platform(second), name()],
      1,
      /^Error response from daemon: Content will be removed from all images/m,
    );
    const out = await box.ok(['rmi', '-f', '--platform', platform(second), name()]);
    assert.equal(out.split('\n')[0], `Deleted: ${images[second]!.digest}`);
    const blobs = await box.ctr(['content', 'ls', '-q']);
    for (const gone of [images[second]!.config, images[second]!.layers[1]!]) assert.ok(!blobs.includes(gone));
    for (const kept of [images[own]!.layers[0]!, images[third]!.layers[1]!]) assert.ok(blobs.includes(kept));
    assert.equal((await rows(name())).filter((row) => / 0B +0B$/.test(row)).length, 1);
    const again = await box.nerdctl(['rmi', '-f', '--platform', platform(second), name()]);
    assert.equal(again.code, 0, 'as docker with -f');
    assert.match(again.stderr, /was found but does not provide the specified platform \(linux\/\w+/);

    assert.equal(await id(name()), images[own]!.config);
    await box.ok(['rmi', '-f', '--platform', platform(own), name()]);
    assert.equal(await id(name()), images[third]!.config, 'what is left of it');
    assert.equal(await box.ok(['rmi', name()]).then((text) => /Untagged/.test(text)), true);
  });
});

test('save and load --platform: several, and nothing of the others', async () => {
  await box.ok(['pull', '-q', '--all-platforms', name()]);
  const archive = join(box.dir, 'two.tar');
  await box.ok(['save', '-o', archive, '--platform', `${platform(own)},${platform(third)}`, name()]);
  await box.ok(['rmi', name()]);
  await box.ok(['load', '-q', '-i', archive]);
  const empty = async () => (await rows(name())).filter((row) => / 0B +0B$/.test(row)).length;
  assert.equal(await empty(), 1);
  await box.ok(['rmi', name()]);
  await box.ok(['load', '-q', '-i', archive, '--platform', platform(third)]);
  assert.equal(await empty(), 2);
  assert.equal(await id(name()), images[third]!.config);
  await box.ok(['rmi', name()]);
  await box.fails(
    ['load', '-i', archive, '--platform', 'linux/s390x'],
    1,
    /holds no image for platform linux\/s390x$/m,
  );
});

test('another platform than the one asked for: a warning, unless an index says so', async () => {
  const single = `${origin.host}/team/app:${second.replace('/', '')}`;
  assert.match(
    await box.ok(['pull', '--platform', 'linux/s390x', single]),
    /^WARNING: image with reference \S+ was found but its platform \(linux\/\S+\) does not match the specified platform \(linux\/s390x\)$/m,
  );
  assert.doesNotMatch(await box.ok(['pull', '--platform', platform(second), single]), /WARNING/);
  await box.ok(['rmi', single]);
  putIndex(origin, 'wrong', [entryOf(origin, images[own]!.digest, { os: 'linux', architecture: 's390x' })]);
  const wrong = `${origin.host}/team/app:wrong`;
  assert.doesNotMatch(await box.ok(['pull', '--platform', 'linux/s390x', wrong]), /WARNING/);
  assert.match((await rows(wrong))[0]!, /^└─ linux\/s390x/);
  await box.ok(['rmi', wrong]);
});
