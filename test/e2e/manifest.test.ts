import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hostArchitecture } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';
import { lacksRegistry, type Registry, startRegistry } from '../harness/registry.ts';

const box = openBox(import.meta.url);
const skip = lacksRegistry(box.lane.registry);
const config = join(box.dir, 'docker-config');
const env = { DOCKER_CONFIG: config };
const foreign = hostArchitecture() === 'amd64' ? 'arm64' : 'amd64';
let registry: Registry;
let bb: string;
let full: string;

before(async () => {
  if (!box.lane.registry) return;
  registry = await startRegistry(box.lane.registry, join(box.dir, 'registry'));
  [bb, full] = [`${registry.host}/parts/bb:1`, `${registry.host}/parts/full:1`];
  for (const [image, name] of Object.entries({ bb, full })) {
    await box.ok(['tag', image, name]);
    await box.ok(['push', '-q', name]);
    await box.ok(['rmi', name]);
  }
});
after(() => registry?.stop());

const manifest = (...args: string[]): Promise<string> => box.ok(['manifest', ...args], { env });
const refused = (code: number, sentence: RegExp, ...args: string[]) =>
  box.fails(['manifest', ...args], code, sentence, { env });

test('a list of two images: created, annotated, pushed, pulled', { skip }, async () => {
  const list = `${registry.host}/team/all:1`;
  assert.equal(await manifest('create', list, bb, full), `Created manifest list ${list}`);
  assert.equal(readdirSync(join(config, 'manifests')).length, 1);
  await refused(1, /^refusing to amend an existing manifest list with no --amend flag$/m, 'create', list, bb);
  assert.equal(await manifest('annotate', '--arch', foreign, '--variant', 'v8', list, full), '');
  await refused(
    1,
    /^manifest entry for image has unsupported os\/arch combination: \/pdp11$/m,
    'annotate',
    '--arch=pdp11',
    list,
    full,
  );

  const index = JSON.parse(await manifest('inspect', list));
  assert.equal(index.mediaType, 'application/vnd.docker.distribution.manifest.list.v2+json');
  assert.deepEqual(index.manifests[1].platform, { architecture: foreign, os: 'linux', variant: 'v8' });
  const verbose = JSON.parse(await manifest('inspect', '-v', list, full));
  assert.equal(verbose.Ref, full);
  assert.equal(verbose.Descriptor.digest, index.manifests[1].digest);
  assert.equal(JSON.parse(Buffer.from(verbose.Raw, 'base64').toString()).layers.length, 3);

  const result = await box.nerdctl(['manifest', 'push', '--purge', list], { env });
  const pushed = result.stdout.trim().split('\n');
  assert.match(result.stderr, /^[0-9a-f]{12}: Mounted from parts\/bb$/m);
  assert.equal(pushed.length, 3);
  assert.match(pushed[0]!, /^Pushed ref \S+\/team\/all@(sha256:\w+) with digest: \1$/);
  assert.match(pushed[2]!, /^sha256:[0-9a-f]{64}$/);
  assert.match(registry.log(), /mount=sha256/);
  assert.deepEqual(readdirSync(join(config, 'manifests')), []);

  assert.deepEqual(JSON.parse(await manifest('inspect', list)), index, 'what the registry has now');
  const children = JSON.parse(await manifest('inspect', '-v', list)) as { Ref: string }[];
  assert.deepEqual(
    children.map(({ Ref }) => Ref),
    index.manifests.map(({ digest }: { digest: string }) => `${list}@${digest}`),
  );
  await box.ok(['pull', '-q', list]);
  const id = await box.ok(['images', '-q', '--no-trunc', 'bb']);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', list]), id);
  await box.ok(['rmi', list]);
});

test('what is not there, and what cannot be in one list', { skip }, async () => {
  const nope = `${registry.host}/parts/nope:1`;
  await refused(1, new RegExp(`^no such manifest: ${nope}$`, 'm'), 'inspect', nope);
  await refused(1, /^No such manifest: docker\.io\/library\/nolist:latest$/m, 'push', 'nolist');
  await refused(
    1,
    /^No such manifest: docker\.io\/library\/a:latest\nNo such manifest: docker\.io\/x\/b:1$/m,
    'rm',
    'a',
    'x/b:1',
  );
  await refused(1, /does not exist in other\/list$/m, 'annotate', 'other/list', bb);
  await manifest('create', 'other/list', bb);
  await refused(
    1,
    /^cannot use source images from a different registry than the target image: \S+ != docker\.io$/m,
    'push',
    'other/list',
  );
  assert.equal(await manifest('rm', 'other/list'), '');
  await refused(1, /^error parsing name for manifest list UP: invalid reference format/m, 'create', 'UP', bb);
  await refused(1, /requires at least 2 arguments/, 'create', 'x');
});
