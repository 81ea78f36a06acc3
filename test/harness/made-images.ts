import assert from 'node:assert/strict';
import type { Result, RunOptions } from './program.ts';

/** A program with docker's command line. */
export interface Who {
  name: string;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
}

export async function ok(who: Who, args: readonly string[]): Promise<string> {
  const result = await who.run(args);
  assert.equal(result.code, 0, `${who.name} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}

/** Kind, rights, owner, size, time and content of every file that is the image's. */
export function rootfs(who: Who, image: string): Promise<string> {
  const look =
    "find / -xdev ! -path '/proc*' ! -path '/sys*' ! -path '/dev*' ! -path /etc ! -path /.dockerenv " +
    '! -path /etc/mtab ! -path /etc/hosts ! -path /etc/hostname ! -path /etc/resolv.conf ! -path / > /dev/shm/all; ' +
    'sort /dev/shm/all | while read -r f; do stat -c "%n %F %a %u:%g" "$f"; [ -L "$f" ] && readlink "$f"; ' +
    '[ -f "$f" ] && stat -c "%n %h %s %Y" "$f"; done; ' +
    // One process for all contents; the applets are one file.
    'find / -xdev -type f -links -9 ! -path "/proc/*" ! -path "/sys/*" ! -path "/dev/*" ! -path "/.dockerenv" ' +
    '! -path "/etc/host*" ! -path /etc/resolv.conf | sort | xargs sha256sum; sha256sum /bin/busybox';
  return ok(who, ['run', '--rm', '--network', 'none', '-u', '0', '--entrypoint', '/bin/sh', image, '-c', look]);
}

/** The ID and the layers of each. */
export async function ids(who: Who, names: readonly string[]): Promise<string[]> {
  const all: { Id: string; RootFS: { Layers?: string[] } }[] = JSON.parse(
    await ok(who, ['image', 'inspect', ...names]),
  );
  return all.map(({ Id, RootFS }) => `${Id} [${(RootFS.Layers ?? []).join(' ')}]`);
}

/** A container of `base` in which the script has run, as an image. */
async function make(who: Who, base: string, script: string, name: string): Promise<void> {
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
export async function makeAll(who: Who, prefix: string): Promise<string[]> {
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
