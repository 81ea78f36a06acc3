import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addImage,
  addIndex,
  type FakeRegistry,
  fakeRegistry,
  type TestImage,
} from '../contract/image/fake-registry.ts';
import { hostArchitecture, tar } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);
const own = hostArchitecture();
const foreign = own === 'amd64' ? 'arm64' : 'amd64';
let registry: FakeRegistry;
let app: string;
let image: TestImage;
let other: TestImage;
/** Of the images that every test starts with. */
let baseLayers = 0;

const layer = (text: string): Promise<Buffer> => tar([{ path: 'etc' }, { path: 'etc/text', body: text.repeat(5000) }]);

const snapshots = async (): Promise<number> => (await box.ctr(['snapshots', 'ls'])).match(/Committed/g)?.length ?? 0;

before(async () => {
  await box.ok(['images']);
  baseLayers = await snapshots();
  registry = await fakeRegistry();
  app = `${registry.host}/team/app`;
  const shared = await layer('shared');
  image = addImage(registry, 'v1', [shared, await layer('one')], own);
  other = addImage(registry, 'v1-other', [shared, await layer('other')], foreign);
  addImage(registry, 'v2', [shared, await layer('two')], own);
  registry.manifests.delete('v1-other');
  addIndex(registry, 'multi', { [own]: image, [foreign]: other });
});
after(() => registry.close());

const states = async (args: readonly string[]): Promise<string[]> => {
  const lines = (await box.ok(args)).split('\n').map((line) => JSON.parse(line) as { type: string; state?: string });
  return lines.map(({ type, state }) => state ?? type);
};

test('--progress=json prints one event a line, from started to pulled', async () => {
  const seen = await states(['pull', '--progress=json', `${app}:v1`]);
  assert.equal(seen[0], 'started');
  assert.equal(seen.at(-1), 'pulled');
  for (const state of ['waiting', 'verifying', 'downloaded', 'extracting', 'complete']) assert.ok(seen.includes(state));
  assert.deepEqual(await states(['pull', '--progress=json', `${app}:v1`]), ['started', 'pulled']);
  await box.ok(['rmi', `${app}:v1`]);
});

test('--all-tags goes through all pages, and ends as docker does', async () => {
  const out = await box.ok(['pull', '-a', app]);
  for (const tag of ['multi', 'v1', 'v2']) assert.match(out, new RegExp(`^${tag}: Pulling from team/app$`, 'm'));
  assert.equal(out.match(/^Digest: sha256:/gm)?.length, 3);
  assert.ok(out.endsWith(`Status: Downloaded newer image for ${app}\n${app}`), out);
  assert.match(await box.ok(['pull', '-a', app]), /Status: Image is up to date for \S+\n\S+$/);
  assert.equal(await box.ok(['pull', '-a', '-q', app]), app);
  const tags = (await box.ok(['images', '--format', '{{.Tag}}', app])).split('\n').sort();
  assert.deepEqual(tags, ['multi', 'v1', 'v2']);
  await box.fails(['pull', '-a', `${app}:v1`], 1, /^tag can't be used with --all-tags\/-a$/m);
  await box.ok(['rmi', `${app}:multi`, `${app}:v1`, `${app}:v2`]);
});

test('--platform and --all-platforms: what is shown, and what is unpacked', async () => {
  const name = `${app}:multi`;
  await box.ok(['pull', '-q', '--platform', `linux/${foreign}`, name]);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', name]), other.config);
  await box.ok(['pull', '-q', name]);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', name]), image.config, 'the one that runs here');
  await box.fails(['pull', '--platform', 'linux/s390x', name], 1, /no matching manifest for linux\/s390x/);
  await box.ok(['rmi', name]);

  await box.ok(['pull', '-q', '--all-platforms', name]);
  const rows = (await box.ok(['images', '--tree', name])).split('\n').filter((row) => /─ linux/.test(row));
  assert.equal(rows.length, 2, rows.join('\n'));
  for (const row of rows) assert.match(row, /[1-9][\d.]*kB +[1-9][\d.]*kB/);
  assert.equal(await snapshots(), baseLayers + 2, 'host only');
  await box.ok(['rmi', name]);
});

test('--unpack=false brings content alone', async () => {
  await box.ok(['pull', '-q', '--unpack=false', `${app}:v1`]);
  assert.equal(await snapshots(), baseLayers);
  await box.ok(['pull', '-q', `${app}:v1`]);
  assert.equal(await snapshots(), baseLayers + 2);
  await box.ok(['rmi', `${app}:v1`]);
});

test('what is not there, and what is not supported, are one sentence', async () => {
  await box.fails(['pull', '-q', `${app}:nope`], 1, /manifest for \S+\/team\/app:nope not found: manifest unknown/);
  for (const flags of [['--verify=cosign'], ['--soci-index-digest=x'], ['--cosign-key=x'], ['--ipfs-address=x']]) {
    await box.fails(['pull', ...flags, `${app}:v1`], 1, /^(Error response from daemon: )?--[\w-]+ is not supported$/m);
  }
  await box.fails(['pull', 'ipfs://bafy'], 1, /images on IPFS are not supported/);
  await box.fails(['pull', '--progress=bogus', app], 125, /invalid value "bogus" for --progress/);
});
