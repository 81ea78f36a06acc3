import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Player, prepareBoth } from '../harness/compare.ts';
import { laneFromEnv } from '../harness/lane-env.ts';

const [docker, nerdctl] = prepareBoth() as [Player, Player];
const { dir } = laneFromEnv();

async function ok(who: Player, args: readonly string[]): Promise<string> {
  const result = await who.run(args);
  assert.equal(result.code, 0, `${who.program} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}

/** Kind, rights, owner, size, time and content of every file that is the image's. */
function rootfs(who: Player, image: string): Promise<string> {
  const look =
    "find / -xdev ! -path '/proc*' ! -path '/sys*' ! -path '/dev*' ! -path /etc ! -path /.dockerenv " +
    '! -path /etc/mtab ! -path /etc/hosts ! -path /etc/hostname ! -path /etc/resolv.conf ! -path / | sort | while read -r f; do ' +
    'stat -c "%n %F %a %u:%g" "$f"; [ -L "$f" ] && readlink "$f"; ' +
    '[ -f "$f" ] && { stat -c "%h %s %Y" "$f"; sha256sum < "$f"; }; done; true';
  return ok(who, ['run', '--rm', '--network', 'none', '-u', '0', '--entrypoint', '/bin/sh', image, '-c', look]);
}

const ids = (who: Player, names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map((name) => ok(who, ['image', 'inspect', '-f', '{{.Id}} {{.RootFS.Layers}}', name])));

/** A container of `base` in which the script has run, as an image. */
async function make(who: Player, base: string, script: string, name: string): Promise<void> {
  const run = ['run', '--name', 'maker', '--network', 'none', '-u', '0', '--entrypoint', '/bin/sh'];
  await ok(who, [...run, base, '-c', script]);
  await ok(who, ['commit', '-c', `ENV MADE=${name}`, 'maker', name]);
  await ok(who, ['rm', 'maker']);
}

const first =
  'echo 1 > /one; ln /one /hard; ln -s one /soft; mknod /fifo p; chown 12:13 /one; chmod 4755 /one; ' +
  'mkdir -m 700 "/a b"; echo x > "/a b/ü"; rm -r /www';
const second = 'rm /hard; rm -r "/a b"; mkdir "/a b"; echo y > "/a b/z"; : > /empty; touch -t 200102030405.06 /one';

/** Images that share layers, one of which has new configuration only, under several names. */
async function makeAll(who: Player, prefix: string): Promise<string[]> {
  const [one, two, alias, same] = [
    `${prefix}/one:1`,
    `${prefix}/two:1`,
    `localhost:5000/${prefix}:x`,
    `${prefix}/same:1`,
  ];
  await make(who, 'web', first, one);
  await make(who, one, second, two);
  await ok(who, ['tag', two, alias]);
  await ok(who, ['create', '--name', 'maker', one]);
  await ok(who, ['commit', '-m', 'same files', 'maker', same]);
  await ok(who, ['rm', 'maker']);
  return [one, two, alias, same];
}

test('docker save, load, save, docker load: names, IDs, layers and files are the same', async () => {
  const names = await makeAll(docker, 'fromdocker');
  const before = await ids(docker, names);
  const files = await rootfs(docker, names[1]!);
  assert.match(files, /^\/one regular file 4755 12:13\n1 2 981173106$/m);
  const given = join(dir, 'given.tar');
  await ok(docker, ['save', '-o', given, ...names, 'full']);
  const wrappers = ['cat', 'gzip -c', 'xz -0c', 'bzip2 -1c'];
  for (const around of wrappers) {
    const piped = await nerdctl.shell(`${around} ${given} | $D load`);
    assert.equal(piped.code, 0, `${around}: ${piped.stderr}`);
    const loaded = piped.stdout.trim().split('\n').sort();
    assert.deepEqual(loaded, [...names, 'full:latest'].map((name) => `Loaded image: ${name}`).sort(), around);
    assert.deepEqual(await ids(nerdctl, names), before, around);
    // Of `full`, which was here with other blobs, nothing was replaced.
    assert.equal(await ok(nerdctl, ['images', '-qf', 'dangling=true']), '');
    if (around !== wrappers.at(-1)) await ok(nerdctl, ['rmi', '-f', ...names]);
  }
  assert.equal(await rootfs(nerdctl, names[1]!), files);

  const back = join(dir, 'back.tar');
  await ok(nerdctl, ['save', '-o', back, ...names]);
  // Layers that images share are in it once.
  assert.ok(statSync(back).size < statSync(given).size * 1.1);
  await ok(docker, ['rmi', '-f', ...names]);
  await ok(docker, ['load', '-i', back]);
  assert.deepEqual(await ids(docker, names), before);
  assert.equal(await rootfs(docker, names[1]!), files);
  for (const who of [docker, nerdctl]) await ok(who, ['rmi', '-f', ...names]);
});

test('what commit makes is the same image in docker', async () => {
  const names = await makeAll(nerdctl, 'fromus');
  const before = await ids(nerdctl, names);
  const files = await rootfs(nerdctl, names[1]!);
  const archive = join(dir, 'fromus.tar');
  await ok(nerdctl, ['save', '-o', archive, ...names]);
  await ok(docker, ['load', '-i', archive]);
  assert.deepEqual(await ids(docker, names), before);
  assert.equal(await rootfs(docker, names[1]!), files);
  for (const who of [docker, nerdctl]) await ok(who, ['rmi', '-f', ...names]);
});
