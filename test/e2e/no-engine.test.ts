import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { runAsUser } from '../harness/other-user.ts';
import { builtProgram, run } from '../harness/program.ts';
import { userCannot } from '../harness/user.ts';

const box = openBox(import.meta.url);

test('no containerd at the address: one sentence that names it', async () => {
  const address = join(box.dir, 'none.sock');
  for (const args of [['ps'], ['run', '--rm', 'bb', 'true'], ['images'], ['rm', 'x']]) {
    const code = args[0] === 'run' ? 125 : 1;
    const result = await box.fails(args, code, /cannot connect to containerd at .*none.sock/, {
      env: { CONTAINERD_ADDRESS: address },
    });
    assert.ok(result.stderr.trim().split('\n').length <= 4, result.stderr);
  }
});

test('no permission on the socket: one sentence that says what to do', {
  skip: userCannot('may not become another one'),
}, async () => {
  const sentence =
    /^(nerdctl: )?permission denied while trying to connect to containerd at \S+: run as root, or start a containerd of your own with "nerdctl system start" .*\n/;
  for (const [args, code] of [
    [['ps'], 1],
    [['run', '--rm', 'bb'], 126],
  ] as const) {
    const result = await runAsUser(box, 1000, args);
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, sentence);
  }
});

test('something else listens at the address', async () => {
  const { createServer } = await import('node:net');
  const address = join(box.dir, 'other.sock');
  const server = createServer((socket) => socket.end('220 mail.example.net\r\n')).listen(address);
  await box.fails(['ps'], 1, /containerd/, { env: { CONTAINERD_ADDRESS: address } });
  server.close();
});

test('--help, --version and the help of commands need no containerd', async () => {
  const env = { CONTAINERD_ADDRESS: '/nowhere' };
  for (const args of [
    ['--help'],
    ['--version'],
    ['run', '--help'],
    ['container', '--help'],
    ['image', 'ls', '--help'],
    [],
  ]) {
    const result = await box.nerdctl(args, { env });
    assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stdout, args[0] === '--version' ? /version/ : /Usage:/);
  }
});

test('the program runs through symlinks, from anywhere', async () => {
  const elsewhere = join(box.dir, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(builtProgram, join(elsewhere, 'first'));
  symlinkSync('first', join(elsewhere, 'docker'));
  const result = await run(join(elsewhere, 'docker'), ['run', '--rm', 'bb', 'echo', 'here'], {
    cwd: '/',
    env: { CONTAINERD_NAMESPACE: box.namespace },
  });
  assert.deepEqual([result.stdout, result.stderr, result.code], ['here\n', '', 0]);
});

test('flag before environment before file before default', async () => {
  const file = join(box.dir, 'nerdctl.toml');
  writeFileSync(file, `namespace = "${box.namespace}"\n`);
  const byFile = { CONTAINERD_NAMESPACE: undefined, NERDCTL_TOML: file };
  assert.match(await box.ok(['images', '-q'], { env: byFile }), /[0-9a-f]{12}/);
  assert.equal(await box.ok(['images', '-q'], { env: { ...byFile, CONTAINERD_NAMESPACE: 'empty-one' } }), '');
  assert.match(
    await box.ok(['-n', box.namespace, 'images', '-q'], { env: { CONTAINERD_NAMESPACE: 'empty-one' } }),
    /[0-9a-f]{12}/,
  );
  writeFileSync(file, 'no_such_key = 1\n');
  await box.fails(['images'], 1, /no_such_key/, { env: byFile });
});

test('version and info name the engine', async () => {
  assert.match(await box.ok(['version', '--format', '{{.Server.Version}}']), /./);
  assert.match(await box.ok(['version']), /containerd/);
  const info = JSON.parse(await box.ok(['info', '--format', 'json']));
  assert.equal(info.Driver, 'overlayfs');
  assert.ok(info.NCPU > 0);
});
