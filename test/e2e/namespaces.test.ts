import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);
const other = `${box.namespace}-other`;

const there = (...args: string[]) => box.ok(['-n', other, ...args]);

/** Of the content store itself, which has no namespaces. */
function blobs(): string[] {
  return readdirSync(join(box.lane.engineRoot, 'io.containerd.content.v1.content/blobs/sha256')).sort();
}

after(async () => {
  const ids = await there('images', '-q');
  if (ids !== '') await there('rmi', '-f', ...new Set(ids.split('\n')));
  execFileSync(box.lane.ctr, ['--address', box.lane.address, 'namespaces', 'rm', other]);
});

test('image cp: the image is there, and no blob is there twice', async () => {
  const id = await box.ok(['images', '-q', '--no-trunc', 'full']);
  const before = blobs();
  await box.ok(['image', 'cp', `${box.namespace}/full`, `${other}/`]);
  await box.ok(['image', 'cp', `${box.namespace}/full:latest`, `${other}/example.net/team/full:v1`]);
  const added = blobs().filter((blob) => !before.includes(blob));
  assert.deepEqual(added, []);
  const names = await there('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
  assert.deepEqual(names.split('\n').sort(), [`example.net/team/full:v1 ${id}`, `full:latest ${id}`]);
  assert.equal(await there('run', '--rm', '--network', 'none', 'full', 'x'), 'entry x');
});

test('the copy stays when the image goes', async () => {
  await box.ok(['tag', 'web', 'going']);
  await box.ok(['image', 'cp', `${box.namespace}/going`, `${other}/stays`]);
  await box.ok(['rmi', '-f', 'going', 'web']);
  assert.equal(
    await there('run', '--rm', '--network', 'none', 'stays', 'cat', '/www/index.html'),
    'hello from the page',
  );
  await box.ok(['image', 'cp', `${other}/stays`, `${box.namespace}/web`]);
  await there('rmi', 'stays');
  assert.equal(await box.ok(['run', '--rm', '--network', 'none', 'web', 'echo', 'back']), 'back');
});

test('images -A: a column for the namespace', async () => {
  const rows = (await box.ok(['images', '-A', 'full'])).split('\n');
  assert.match(rows[0]!, /^NAMESPACE +REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/);
  const seen = rows.map((row) => row.split(/ +/).slice(0, 3).join(' '));
  for (const row of [`${box.namespace} full latest`, `${other} full latest`])
    assert.ok(seen.includes(row), rows.join('\n'));
  const json = await box.ok([
    'images',
    '--all-namespaces',
    '--format',
    'json',
    '--filter',
    'reference=example.net/*/*',
  ]);
  assert.equal(JSON.parse(json).Namespace, other);
  const tree = box.terminal(['images', '-A', '--tree', 'full'], { columns: 200 });
  assert.equal((await tree.ended).code, 0);
  for (const name of [box.namespace, other]) assert.ok(tree.screen().includes(`${name}/full:latest`), tree.screen());
});

test('what cannot be copied', async () => {
  const cases: [from: string, to: string, sentence: RegExp][] = [
    [`${box.namespace}/no-such`, `${other}/`, /No such image: no-such:latest/],
    ['full', `${other}/`, /^invalid argument "full": it must have the form NAMESPACE\/IMAGE\[:TAG\]/],
    [`${box.namespace}/full`, other, /^invalid argument/],
    [`${box.namespace}/full`, `${other}/UP`, /^invalid reference format/],
    ['../full', `${other}/`, /^invalid argument/],
  ];
  for (const [from, to, sentence] of cases) await box.fails(['image', 'cp', from, to], 1, sentence);
  await box.fails(
    ['image', 'cp', '--platform', 'linux/s390x', `${box.namespace}/full`, `${other}/`],
    1,
    /does not match/,
  );
});
