import assert from 'node:assert/strict';
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';
import { findExecutable } from '../harness/executable.ts';
import { run, start } from '../harness/program.ts';

const box = openBox(import.meta.url);
const { path: executable = '', missing: skip } = findExecutable();

const socket = '/run/containerd/containerd.sock';
const mounted = [
  '-v',
  `${executable}:/usr/local/bin/nerdctl`,
  '-v',
  `${socket}:${socket}`,
  '-e',
  'CONTAINERD_NAMESPACE',
];
const env = { CONTAINERD_NAMESPACE: box.namespace };
const inside = (...args: string[]) =>
  box.ok(['exec', '-e', 'CONTAINERD_NAMESPACE', 'agent', 'nerdctl', ...args], { env });

test('mounted into a container without a C library: what needs the socket alone', { skip }, async () => {
  await box.leavesNothing(async () => {
    const few = ['--ulimit', 'nofile=32'];
    await box.ok(['run', '-d', '--name', 'agent', ...few, ...mounted, 'bb', 'sleep', '1000'], { env });
    assert.match(await inside('version'), /^Server:\n containerd:/m);
    assert.match(await inside('images', '-q', 'bb'), /^[0-9a-f]{12}$/);
    assert.match(await inside('ps'), /"sleep 1000" .* Up .* agent/);
    assert.equal(await inside('inspect', '-f', '{{.State.Status}}', 'agent'), 'running');
    const sentence =
      /containerd does not find .*: a nerdctl that runs in a container needs the directory of the machine/;
    await box.fails(['exec', '-e', 'CONTAINERD_NAMESPACE', 'agent', 'nerdctl', 'exec', 'agent', 'true'], 1, sentence, {
      env,
    });
    await box.ok(['rm', '-f', 'agent']);
  });
});

const skipAsUser =
  skip || (box.lane.user && 'a user without root lacks a data root where the root of a container looks for it');

test('mounted with the data root: containers that outlive the one they were started from', {
  skip: skipAsUser,
}, async () => {
  await box.leavesNothing(async () => {
    const shared = ['-v', '/var/lib/nerdctl:/var/lib/nerdctl', '-v', '/run/netns:/run/netns:rshared'];
    const wide = ['--privileged', '--net', 'host', ...shared];
    await box.ok(['run', '-d', '--name', 'agent', ...wide, ...mounted, 'bb', 'sleep', '1000'], { env });
    assert.equal(await inside('run', '--rm', '--net', 'none', 'bb', 'echo', 'nested'), 'nested');
    await inside('run', '-d', '--name', 'nested', '--net', 'none', '--restart', 'always', 'bb', 'sleep', '1000');
    await box.ok(['rm', '-f', 'agent']);
    const { State } = await box.inspect<ContainerJson>('nested');
    process.kill(State.Pid, 'SIGKILL');
    // The monitor starts the copy that is kept for it.
    await eventually(async () => {
      const { Running, Pid } = (await box.inspect<ContainerJson>('nested')).State;
      return Running && Pid !== State.Pid;
    }, 'the restart');
    await box.ok(['rm', '-f', 'nested']);
  });
});

test('nobody makes the runtime load code or be another program', { skip }, async () => {
  const dir = mkdtempSync(join(box.dir, 'foreign-'));
  writeFileSync(join(dir, 'foreign.js'), 'console.log("foreign code");');
  writeFileSync(join(dir, 'bunfig.toml'), 'preload = ["./foreign.js"]\n');
  writeFileSync(join(dir, '.env'), 'CONTAINERD_ADDRESS=/nowhere\n');
  const foreign = { BUN_OPTIONS: `--preload ${dir}/foreign.js`, BUN_BE_BUN: '1', NODE_OPTIONS: `-r ${dir}/foreign.js` };
  const options = { cwd: dir, env: { ...env, ...foreign } };
  const { stdout, stderr } = await run(
    executable,
    ['run', '--rm', '--net', 'none', '-e', 'BUN_BE_BUN', 'bb', 'env'],
    options,
  );
  assert.match(stdout, /^BUN_BE_BUN=1$/m, stderr);
  assert.doesNotMatch(stdout, /foreign/);
});

test('what earlier executables have left goes, unless a monitor of theirs runs', { skip }, async () => {
  const root = mkdtempSync(join(box.dir, 'root-'));
  for (const id of ['old', 'used']) {
    mkdirSync(join(root, 'libexec', id), { recursive: true });
    copyFileSync('/bin/sleep', join(root, 'libexec', id, 'nerdctl-monitor'));
  }
  mkdirSync(join(root, 'libexec/rootless'));
  const monitor = start(join(root, 'libexec/used/nerdctl-monitor'), ['100']);
  const again = [executable, ['--data-root', root, 'run', '--rm', '--net', 'none', 'bb', 'true'], { env }] as const;
  assert.equal((await run(...again)).code, 0);
  monitor.kill('SIGKILL');
  await monitor.result;
  const libexec = join(root, 'libexec');
  const own = readdirSync(libexec).find((id) => !['old', 'used', 'rootless'].includes(id))!;
  for (const id of ['used', 'rootless']) assert.equal(lstatSync(join(libexec, id)).isDirectory(), true);
  assert.equal(readlinkSync(join(libexec, 'old')), own);
  // The way back to an earlier executable.
  renameSync(join(libexec, own), join(libexec, 'new'));
  symlinkSync('new', join(libexec, own));
  assert.equal((await run(...again)).code, 0);
  assert.equal(lstatSync(join(libexec, own)).isDirectory(), true);
  assert.deepEqual(
    ['old', 'used', 'new'].map((id) => readlinkSync(join(libexec, id))),
    [own, own, own],
  );
});

test('it hands out the scripts that it carries', { skip }, async () => {
  const dir = mkdtempSync(join(box.dir, 'scripts-'));
  const { stdout } = await run(executable, ['internal', 'unpack', dir]);
  const script = stdout.split('\n').find((path) => path.endsWith('/containerd-rootless.sh')) ?? '';
  const source = new URL('../../rootless/containerd-rootless.sh', import.meta.url);
  assert.equal(readFileSync(script, 'utf8'), readFileSync(source, 'utf8'));
});

test('a copy of which a part is missing says so', { skip }, async () => {
  const cut = join(box.dir, 'nerdctl');
  copyFileSync(executable, cut);
  truncateSync(cut, statSync(cut).size - 1000);
  const { code, stderr } = await run(cut, ['version']);
  assert.equal(code, 1);
  assert.match(stderr, /^nerdctl: the executable cannot be read as a whole/);
});
