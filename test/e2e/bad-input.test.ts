import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { dockerArchive } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';
import { idle } from '../harness/containers.ts';
import { runAsUser } from '../harness/other-user.ts';
import { userCannot } from '../harness/user.ts';

const box = openBox(import.meta.url);

/** Each is one sentence on stderr with docker's exit code, and leaves nothing. */
const table: [what: string, args: string[], code: number, sentence: RegExp][] = [
  ['unknown command', ['frobnicate'], 1, /frobnicate/],
  ['unknown flag of ps', ['ps', '--frobnicate'], 125, /unknown flag: --frobnicate/],
  ['unknown short flag', ['ps', '-Z'], 125, /unknown shorthand flag: 'Z' in -Z/],
  ['flag without its value', ['run', '--name'], 125, /flag needs an argument: --name/],
  ['number expected', ['run', '--cpu-shares', 'many', 'bb'], 125, /invalid argument "many" for "-*(c, )?-*cpu-shares"/],
  ['bool expected', ['run', '--rm=maybe', 'bb'], 125, /invalid argument "maybe" for "--rm"/],
  ['arguments where there are none', ['ps', 'x'], 1, /accepts no arguments/],
  ['unknown container', ['start', 'no-such'], 1, /No such container: no-such/],
  ['unknown container in stop', ['stop', 'no-such'], 1, /No such container: no-such/],
  ['unknown container in exec', ['exec', 'no-such', 'true'], 1, /No such container: no-such/],
  ['unknown container in logs', ['logs', 'no-such'], 1, /No such container: no-such/],
  ['unknown container in rm', ['rm', 'no-such'], 1, /No such container: no-such/],
  ['unknown object', ['inspect', 'no-such'], 1, /[Nn]o such object: no-such/],
  ['unknown image in rmi', ['rmi', 'no-such'], 1, /No such image: no-such(:latest)?/],
  ['unknown image in tag', ['tag', 'no-such', 'x'], 1, /No such image: no-such(:latest)?/],
  [
    'unknown image in save',
    ['save', 'no-such', '-o', join(box.dir, 'never.tar')],
    1,
    /No such image|reference does not exist/,
  ],
  ['unknown image, never pull', ['run', '--pull', 'never', 'no-such'], 125, /No such image: no-such:latest/],
  ['bad image name', ['run', 'x/UPPER'], 125, /invalid reference format/],
  ['bad image name in pull', ['pull', 'x/UPPER'], 1, /^invalid reference format/],
  [
    'bad platform in pull',
    ['pull', '--platform', 'nosuch', 'bb:1'],
    1,
    /"nosuch": unknown operating system or architecture/,
  ],
  ['bad pull policy', ['run', '--pull', 'sometimes', 'bb'], 125, /invalid pull option.*sometimes/],
  ['unknown network', ['run', '--rm', '--network', 'no-such', 'bb'], 125, /network no-such not found/],
  ['unknown network in rm', ['network', 'rm', 'no-such'], 1, /No such network: no-such|network no-such not found/],
  ['unknown volume', ['volume', 'inspect', 'no-such'], 1, /no such volume|No such volume/i],
  ['bad container name', ['run', '--name', 'a b', 'bb'], 125, /Invalid container name \(a b\)/],
  ['bad published port', ['run', '-p', '99999:80', 'bb'], 125, /[Ii]nvalid (hostPort|port)|99999/],
  ['bad port range', ['run', '-p', '8000-8005:80-81', 'bb'], 125, /[Ii]nvalid ranges/],
  [
    'bad mount',
    ['run', '--mount', 'type=bind,src=/x', 'bb'],
    125,
    /target is required|field Destination must not be empty/,
  ],
  [
    'bind source missing',
    ['run', '--rm', '--mount', 'type=bind,src=/no/such,dst=/x', 'bb'],
    125,
    /bind source path does not exist/,
  ],
  ['bad volume', ['run', '--rm', '-v', 'a:relative', 'bb'], 125, /mount path must be absolute|invalid mount path/],
  ['bad ip', ['run', '--rm', '--network', 'bridge', '--ip', '300.1.1.1', 'bb'], 125, /invalid (IPv4|argument|IP)/i],
  ['bad restart policy', ['run', '--restart', 'sometimes', 'bb'], 125, /invalid restart policy/i],
  ['--rm with --restart', ['run', '--rm', '--restart', 'always', 'bb'], 125, /[Cc]onflicting options.*--rm/],
  ['-d with -a', ['run', '-d', '-a', 'stdout', 'bb'], 1, /[Cc]onflicting options.*--attach.*--detach|-a.*-d/],
  ['bad signal', ['run', '--stop-signal', 'SIGNOPE', 'bb'], 125, /[Ii]nvalid signal/],
  ['bad ulimit', ['run', '--ulimit', 'nope=1', 'bb'], 125, /ulimit/],
  ['bad add-host', ['run', '--add-host', 'justname', 'bb'], 125, /bad format for add-host/],
  ['env-file missing', ['run', '--env-file', '/no/such', 'bb'], 125, /no such file or directory/],
  ['unknown user', ['run', '--rm', '-u', 'nobody-here', 'bb'], 125, /unable to find user nobody-here/],
  ['unknown group', ['run', '--rm', '--group-add', 'no-group', 'bb'], 125, /[Uu]nable to find group no-group/],
  ['unknown device', ['run', '--rm', '--device', '/dev/no-such', 'bb'], 127, /no-such/],
  ['unknown log driver', ['run', '--rm', '--log-driver', 'nope', 'bb'], 125, /nope/],
  ['bad template of ps', ['ps', '--format', '{{.Nope'], 1, /unclosed action/],
  ['bad template of inspect', ['inspect', '--format', '{{.Nope', 'x'], 64, /unclosed action/],
  ['bad filter', ['ps', '--filter', 'nope=1'], 1, /invalid filter 'nope'/i],
  ['load without a file', ['load', '-i', '/no/such.tar'], 1, /no such file or directory/],
];

for (const [what, args, code, sentence] of table) {
  test(what, async () => {
    await box.leavesNothing(async () => {
      const result = await box.fails(args, code, sentence);
      // `inspect` prints the list of what it found, here an empty one.
      assert.match(result.stdout, /^(\[\]\n)?$/);
    });
  });
}

test('name taken', async () => {
  const name = box.name();
  const id = await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
  await box.leavesNothing(async () => {
    await box.fails(
      ['run', '-d', '--name', name, 'bb'],
      125,
      new RegExp(`[Cc]onflict.*"/?${name}".*already in use.*${id.slice(0, 12)}`),
    );
  });
  await box.ok(['rm', '-f', name]);
});

test('ambiguous beginning of an id', async () => {
  const ids = await Promise.all(Array.from({ length: 17 }, () => box.ok(['create', 'bb', 'true'])));
  const firsts = ids.map((id) => id[0]!);
  const twice = firsts.find((first, i) => firsts.indexOf(first) !== i)!;
  await box.fails(['inspect', '--type', 'container', twice], 1, /multiple IDs found|ambiguous/i);
  await box.ok(['rm', ...ids]);
});

test('port taken by a process', async () => {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await box.leavesNothing(async () => {
    const words = new RegExp(`${port}.*(address already in use|already allocated)`);
    await box.fails(['run', '-d', '-p', `${port}:80`, 'bb', ...idle], 125, words);
  });
  server.close();
});

test('port taken by a container', async () => {
  await box.ok(['run', '-d', '--name', 'holder', '-p', '18080:80', 'bb', ...idle]);
  await box.leavesNothing(async () => {
    await box.fails(
      ['run', '-d', '-p', '18080:80', 'bb', ...idle],
      125,
      /18080.*already allocated|Bind for 0\.0\.0\.0:18080 failed/,
    );
  });
  await box.ok(['rm', '-f', 'holder']);
});

test('image for another platform', async () => {
  const other = process.arch === 'arm64' ? 'amd64' : 'arm64';
  const archive = join(box.dir, 'other.tar');
  const layers = [[{ path: 'hello', body: 'x' }]];
  writeFileSync(archive, await dockerArchive([{ name: 'other:latest', architecture: other, layers }]));
  const loaded = await box.nerdctl(['load', '-i', archive]);
  const args = [
    'run',
    '--rm',
    '--pull',
    'never',
    '--platform',
    `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`,
    'other',
    '/hello',
  ];
  const result = await box.nerdctl(args);
  assert.equal(result.code, 125, loaded.stderr + result.stderr);
  assert.match(result.stderr, /platform|not provide/);
  assert.doesNotMatch(result.stderr, /\n\s+at /);
});

test('no CNI plugins where they are said to be', async () => {
  const empty = join(box.dir, 'no-plugins');
  mkdirSync(empty);
  await box.leavesNothing(async () => {
    await box.fails(['run', '--rm', 'bb', 'true'], 125, /plugin/, { env: { CNI_PATH: empty } });
  });
});

test('a CNI plugin that is broken', async () => {
  const dir = join(box.dir, 'broken-plugins');
  mkdirSync(dir);
  for (const name of ['bridge', 'portmap', 'firewall', 'tuning', 'host-local', 'loopback']) {
    writeFileSync(join(dir, name), '#!/bin/sh\necho not json\nexit 1\n', { mode: 0o755 });
  }
  await box.leavesNothing(async () => {
    await box.fails(['run', '--rm', 'bb', 'true'], 125, /bridge/, { env: { CNI_PATH: dir } });
  });
});

test('a user without permission on the socket', { skip: userCannot('may not become another one') }, async () => {
  const result = await runAsUser(box, 65534, ['ps']);
  assert.notEqual(result.code, 0);
  assert.match(result.stderr, /permission denied|not found|Permission denied/);
  assert.doesNotMatch(result.stderr, /\n\s+at /);
});
