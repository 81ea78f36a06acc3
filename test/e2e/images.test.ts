import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { multiPlatform } from '../harness/multi-platform.ts';

const box = openBox(import.meta.url);

test('load from a file and from standard input', async () => {
  for (const name of ['bb', 'web', 'full']) await box.ok(['rmi', '-f', name]);
  assert.equal(await box.ok(['images', '-q']), '');
  const out = await box.ok(['load', '-i', box.lane.archive]);
  assert.deepEqual(
    out.split('\n').sort(),
    ['bb', 'full', 'web'].map((name) => `Loaded image: ${name}:latest`),
  );
  assert.equal(await box.ok(['run', '--rm', 'full', 'x']), 'entry x');
  await box.ok(['rmi', '-f', 'web']);
  assert.match(await box.ok(['load', '-q'], { input: readFileSync(box.lane.archive) }), /Loaded image: web:latest/);
  assert.equal(await box.ok(['run', '--rm', 'web', 'cat', '/www/index.html']), 'hello from the page');
});

test('images: columns, -q, --no-trunc, --digests, --format, --filter', async () => {
  const table = (await box.ok(['images'])).split('\n');
  assert.match(table[0]!, /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/);
  assert.match(table.find((row) => row.startsWith('web '))!, /^web +latest +[0-9a-f]{12} +\S.* ago +[\d.]+ ?[kM]B$/);
  assert.match(await box.ok(['images', '-q', 'web']), /^[0-9a-f]{12}$/);
  assert.match(await box.ok(['images', '-q', '--no-trunc', 'web']), /^sha256:[0-9a-f]{64}$/);
  assert.match((await box.ok(['images', '--digests'])).split('\n')[0]!, /DIGEST/);
  const names = (await box.ok(['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n').sort();
  assert.deepEqual(names, ['bb:latest', 'full:latest', 'web:latest']);
  assert.equal(
    await box.ok(['images', '--format', '{{.Repository}}', '--filter', 'label=org.example.kind=full']),
    'full',
  );
  assert.equal(await box.ok(['images', '--format', '{{.Repository}}', '--filter', 'reference=w*']), 'web');
});

test('images --tree shows platforms, names and what is in use', async () => {
  const name = box.name();
  await box.ok(['create', '--name', name, 'web']);
  const rows = (await box.ok(['images', '--tree'])).split('\n');
  const web = rows.findIndex((row) => row.startsWith('web:latest'));
  assert.match(rows[web]!, /^web:latest +[0-9a-f]{12} +[\d.]+MB +[\d.]+[kM]B +U$/);
  assert.match(rows[web + 1]!, /^└─ linux\/\w+ +[0-9a-f]{12} +[\d.]+MB +[\d.]+[kM]B +U$/);
  assert.doesNotMatch(rows.find((row) => row.startsWith('bb:latest'))!, /U$/);
  await box.fails(['images', '--tree', '-q'], 1, /^--quiet is not yet supported with --tree$/m);
  await box.ok(['rm', name]);
});

test('tag and rmi', async () => {
  await box.ok(['tag', 'bb', 'example.net/team/bb:v1']);
  assert.match(await box.ok(['images', 'example.net/team/bb']), /example\.net\/team\/bb +v1/);
  assert.equal(await box.ok(['rmi', 'example.net/team/bb:v1']), 'Untagged: example.net/team/bb:v1');
  assert.equal(await box.ok(['run', '--rm', 'bb', 'echo', 'ok']), 'ok');
});

test('rmi refuses an image that a container needs, -f takes the tag', async () => {
  await box.ok(['tag', 'bb', 'needed']);
  const name = box.name();
  await box.ok(['create', '--name', name, 'needed', 'true']);
  await box.ok(['rmi', '-f', 'bb:latest']);
  await box.fails(['rmi', 'needed'], 1, /conflict: unable to (remove repository reference|delete)/);
  assert.equal((await box.nerdctl(['start', '-a', name])).code, 0);
  await box.ok(['rm', name]);
  await box.ok(['tag', 'needed', 'bb']);
  await box.ok(['rmi', 'needed']);
});

test('save and load give the same image', async () => {
  const id = await box.ok(['images', '-q', '--no-trunc', 'full']);
  const file = join(box.dir, 'full.tar');
  await box.ok(['save', '-o', file, 'full']);
  await box.ok(['rmi', 'full']);
  await box.ok(['load', '-i', file]);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', 'full']), id);
  assert.equal(await box.ok(['run', '--rm', 'full', 'x']), 'entry x');
});

test('save keeps the index of several platforms, with those that are here', async () => {
  const name = `docker.io/library/${box.name('multi')}:1`;
  const { archive, index, foreign } = await multiPlatform(name);
  const digestOf = async (namespace: string) => {
    const rows = await box.ctr(['--namespace', namespace, 'images', 'ls', `name==${name}`]);
    return rows.split('\n')[1]?.split(/\s+/)[2];
  };
  await box.ok(['load'], { input: archive });
  assert.equal(await digestOf(box.namespace), index);
  const id = await box.ok(['images', '-q', '--no-trunc', name]);
  const saved = join(box.dir, 'multi.tar');
  await box.ok(['save', '-o', saved, name]);
  await box.fails(['save', '--all-platforms', '-o', saved, name], 1, /is not here for all its platforms/);
  await box.ok(['rmi', name]);
  await box.ok(['load', '-i', saved]);
  assert.equal(await digestOf(box.namespace), index);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', name]), id);

  // What is not here does not keep containerd's own client from taking the image.
  const other = `${box.namespace}-other`;
  await box.ctr(['--namespace', other, 'images', 'import', saved]);
  assert.equal(await digestOf(other), index);
  await box.ctr(['--namespace', other, 'images', 'rm', '--sync', name]);

  await box.ok(['save', '--platform', `linux/${foreign}`, '-o', saved, name]);
  await box.ok(['rmi', name]);
  await box.ok(['load', '-i', saved]);
  assert.notEqual(await digestOf(box.namespace), index);
  assert.equal(await box.ok(['image', 'inspect', '-f', '{{.Architecture}}', name]), foreign);
  await box.ok(['rmi', name]);
});

test('save of several to standard output; a terminal is refused', async () => {
  const save = box.start(['save', 'bb', 'web']);
  const result = await save.result;
  assert.equal(result.code, 0);
  const terminal = box.terminal(['save', 'bb']);
  assert.equal((await terminal.ended).code, 1);
  assert.match(terminal.screen(), /[Cc]owardly refusing to save to a terminal/);
});

test("image inspect has docker's shape", async () => {
  const [image] = JSON.parse(await box.ok(['image', 'inspect', 'full']));
  assert.deepEqual(image.RepoTags, ['full:latest']);
  assert.deepEqual(image.Config.Entrypoint, ['/bin/echo', 'entry']);
  assert.deepEqual(image.Config.Cmd, ['from-image']);
  assert.equal(image.Config.User, 'web');
  assert.deepEqual(Object.keys(image.Config.ExposedPorts).sort(), ['53/udp', '8080/tcp']);
  assert.deepEqual(image.Config.Volumes, { '/data': {} });
  assert.equal(image.Config.WorkingDir, '/home/web');
  assert.equal(image.Os, 'linux');
  assert.equal(image.RootFS.Layers.length, 3);
  assert.match(image.Id, /^sha256:[0-9a-f]{64}$/);
  assert.equal(await box.ok(['image', 'inspect', '-f', '{{index .Config.Labels "org.example.kind"}}', 'full']), 'full');
});

test('history: the steps of an image, newest first', async () => {
  const rows = (await box.ok(['history', 'full'])).split('\n');
  assert.match(rows[0]!, /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/);
  assert.match(rows[1]!, /^[0-9a-f]{12} +\S.* ago +layer 3 +[\d.]+k?B/);
  assert.match(rows[3]!, /^<missing> +\S.* ago +layer 1 +[\d.]+ ?MB/);
  const id = await box.ok(['images', '-q', '--no-trunc', 'full']);
  assert.equal(await box.ok(['history', '-q', '--no-trunc', 'full']), `${id}\n<missing>\n<missing>`);
  assert.match(await box.ok(['history', '-H=false', '--format', '{{.CreatedAt}} {{.Size}}', 'bb']), /T.* \d{7}$/);
});

test('image prune', async () => {
  await box.fails(
    ['image', 'prune', '-f', '--filter', 'dangling=false'],
    1,
    /invalid filter 'dangling=\[false true\]'/,
  );
  const kept = await box.ok(['image', 'prune', '-af', '--filter', 'until=2000-01-01', '--filter', 'label=a']);
  assert.equal(kept, 'Total reclaimed space: 0B');
  const pruned = await box.ok([
    'image',
    'prune',
    '-af',
    '--filter',
    'label=org.example.kind',
    '--filter',
    'label!=org.example.kind=web',
  ]);
  assert.match(pruned, /^untagged: full:latest$/m);
  assert.doesNotMatch(pruned, /untagged: (web|bb)/);
  await box.ok(['load', '-q', '-i', box.lane.archive]);
  await box.ok(['tag', 'bb', 'unused']);
  assert.match(await box.ok(['image', 'prune', '-f']), /Total reclaimed space: 0B/);
  await box.ok(['rmi', 'unused']);
});

test('-n chooses the namespace, k8s.io included', async () => {
  const namespace = `${box.lane.tag}-other`;
  await box.ok(['-n', namespace, 'load', '-q', '-i', box.lane.archive]);
  assert.equal(await box.ok(['-n', namespace, 'run', '--rm', 'bb', 'echo', 'there']), 'there');
  assert.equal(await box.ok(['-n', 'k8s.io', 'images', '-q']), '');
  for (const image of ['bb', 'web', 'full']) await box.ok(['-n', namespace, 'rmi', image]);
});
