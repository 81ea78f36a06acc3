import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';

const box = openBox(import.meta.url);
const sh = (flags: string[], script: string, image = 'bb') =>
  box.ok(['run', '--rm', ...flags, '--entrypoint', 'sh', image, '-c', script]);

test('a bind mount, written and read-only', async () => {
  const dir = join(box.dir, 'bind');
  mkdirSync(dir);
  writeFileSync(join(dir, 'in'), 'from outside\n');
  assert.equal(await sh(['-v', `${dir}:/mnt`], 'cat /mnt/in; echo from inside >/mnt/out'), 'from outside');
  assert.equal(readFileSync(join(dir, 'out'), 'utf8'), 'from inside\n');
  assert.match(await sh(['-v', `${dir}:/mnt:ro`], 'touch /mnt/x 2>&1 || true'), /Read-only/);
  assert.match(
    await sh(['--mount', `type=bind,src=${dir},dst=/mnt,readonly`], 'touch /mnt/x 2>&1 || true'),
    /Read-only/,
  );
});

test('-v makes the missing directory of a bind', async () => {
  const dir = join(box.dir, 'made', 'deep');
  await sh(['-v', `${dir}:/mnt`], 'echo x >/mnt/f');
  assert.equal(readFileSync(join(dir, 'f'), 'utf8'), 'x\n');
});

test('a file can be bound', async () => {
  const file = join(box.dir, 'one');
  writeFileSync(file, 'just one\n');
  assert.equal(await sh(['-v', `${file}:/etc/one:ro`], 'cat /etc/one'), 'just one');
});

test('a named volume keeps its data, and begins with what the image has there', async () => {
  const name = box.name('vol');
  const first = await sh(
    ['-v', `${name}:/data`],
    "cat /data/seed; stat -c '%U %a' /data; echo more >/data/more",
    'full',
  );
  assert.equal(first, 'seeded\nweb 750');
  assert.equal(await sh(['-v', `${name}:/anywhere`], 'cat /anywhere/seed /anywhere/more'), 'seeded\nmore');
  assert.match(await box.ok(['volume', 'ls', '-q']), new RegExp(name));
  assert.equal(await box.ok(['volume', 'rm', name]), name);
});

test('volume create, ls, inspect, rm, prune', async () => {
  const name = box.name('vol');
  assert.equal(await box.ok(['volume', 'create', '--label', 'a=b', name]), name);
  const [volume] = JSON.parse(await box.ok(['volume', 'inspect', name]));
  assert.deepEqual([volume.Name, volume.Driver, volume.Labels.a], [name, 'local', 'b']);
  assert.equal(await box.ok(['volume', 'ls', '-q', '--filter', 'label=a=b']), name);
  assert.match(await box.ok(['volume', 'create']), /^[0-9a-f]{64}$/);
  assert.match(await box.ok(['volume', 'prune', '-f']), /Total reclaimed space: /);
  await box.ok(['volume', 'rm', '-f', name]);
  await box.nerdctl(['volume', 'prune', '-af']);
});

test('a volume in use is not removed', async () => {
  const [volume, name] = [box.name('vol'), box.name()];
  await box.ok(['run', '-d', '--name', name, '-v', `${volume}:/v`, 'bb', ...idle]);
  await box.fails(['volume', 'rm', volume], 1, /volume is in use/);
  await box.ok(['rm', '-f', name]);
  await box.ok(['volume', 'rm', volume]);
});

test('the volumes of the image are anonymous, and --rm takes them along', async () => {
  const before = await box.ok(['volume', 'ls', '-q']);
  assert.equal(await sh([], 'cat /data/seed', 'full'), 'seeded');
  assert.equal(await box.ok(['volume', 'ls', '-q']), before);
});

test('--volumes-from', async () => {
  const [volume, first] = [box.name('vol'), box.name()];
  await box.ok(['run', '-d', '--name', first, '-v', `${volume}:/shared`, 'bb', ...idle]);
  await box.ok(['exec', first, 'sh', '-c', 'echo hi >/shared/f']);
  assert.equal(await sh(['--volumes-from', first], 'cat /shared/f'), 'hi');
  assert.match(await sh(['--volumes-from', `${first}:ro`], 'touch /shared/x 2>&1 || true'), /Read-only/);
  await box.ok(['rm', '-f', first]);
  await box.ok(['volume', 'rm', volume]);
});

test('--mount type=volume and type=tmpfs', async () => {
  const volume = box.name('vol');
  assert.equal(
    await sh(
      [
        '--mount',
        `type=volume,source=${volume},target=/v`,
        '--mount',
        'type=tmpfs,target=/t,tmpfs-size=2m,tmpfs-mode=0700',
      ],
      "df -k /t | awk 'END {print $2}'; stat -c %a /t",
    ),
    '2048\n700',
  );
  await box.ok(['volume', 'rm', volume]);
});

test('inspect shows the mounts', async () => {
  const [volume, name] = [box.name('vol'), box.name()];
  await box.ok(['create', '--name', name, '-v', `${volume}:/v:ro`, '-v', `${box.dir}:/b`, 'bb', 'true']);
  const mounts = (await box.inspect<ContainerJson>(name)).Mounts.sort((a, b) =>
    a.Destination < b.Destination ? -1 : 1,
  );
  assert.deepEqual(
    mounts.map(({ Type, Name, Destination, RW }) => [Type, Name ?? '', Destination, RW]),
    [
      ['bind', '', '/b', true],
      ['volume', volume, '/v', false],
    ],
  );
  await box.ok(['rm', name]);
  await box.ok(['volume', 'rm', volume]);
});
