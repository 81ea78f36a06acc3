import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { builtProgram, run } from '../harness/program.ts';

const box = openBox(import.meta.url);

test('run --rm prints what the container prints, on both streams, and leaves nothing', async () => {
  await box.leavesNothing(async () => {
    const result = await box.nerdctl(['run', '--rm', 'bb', 'sh', '-c', 'echo out; echo err >&2']);
    assert.deepEqual(result, { code: 0, stdout: 'out\n', stderr: 'err\n' });
  });
});

test('a reader that is slow at first gets all: run, logs, save', {
  skip: box.onDocker && 'docker lacks the program under test, whose pipes these are',
}, async () => {
  const name = box.name();
  await box.ok(['run', '--name', name, 'bb', 'sh', '-c', 'seq 100000']);
  const file = join(box.dir, 'saved.tar');
  await box.ok(['save', '-o', file, 'bb']);
  const env = { P: builtProgram, CONTAINERD_NAMESPACE: box.namespace };
  const slowly = async (words: string) =>
    Number((await run('sh', ['-c', `$P ${words} | (sleep 0.5; wc -c)`], { env })).stdout);
  assert.deepEqual(await Promise.all([`run --rm bb seq 100000`, `logs ${name}`, 'save bb'].map(slowly)), [
    588895,
    588895,
    statSync(file).size,
  ]);
  await box.ok(['rm', name]);
});

test('the image gives command, entrypoint, user, directory and environment', async () => {
  assert.equal(await box.ok(['run', '--rm', 'full']), 'entry from-image');
  assert.equal(await box.ok(['run', '--rm', 'full', 'given']), 'entry given');
  const asked = 'id -un; id -gn; pwd; echo $FROM_IMAGE; ls /gone 2>&1';
  const [user, group, directory, variable, gone] = (
    await box.ok(['run', '--rm', '--entrypoint', 'sh', 'full', '-c', `${asked}; true`])
  ).split('\n');
  assert.deepEqual([user, group, directory, variable], ['web', 'web', '/home/web', 'yes']);
  assert.match(gone ?? '', /No such file/);
});

test('-i hands over standard input and its end', async () => {
  const input = 'line\n'.repeat(100_000);
  const result = await box.nerdctl(['run', '--rm', '-i', 'bb', 'sh', '-c', 'cat | md5sum; echo end'], { input });
  assert.match(result.stdout, /^[0-9a-f]{32} {2}-\nend\n$/);
  assert.equal(
    (await box.nerdctl(['run', '--rm', '-i', 'bb', 'wc', '-c'], { input })).stdout.trim(),
    String(input.length),
  );
});

test('without -i standard input is empty', async () => {
  assert.equal(await box.ok(['run', '--rm', 'bb', 'wc', '-c'], { input: 'not for it' }), '0');
});

test('-d prints the id only, and the container lives on', async () => {
  const id = await box.ok(['run', '-d', '--name', box.name(), 'bb', ...idle]);
  assert.match(id, /^[0-9a-f]{64}$/);
  const container = await box.inspect<ContainerJson>(id);
  assert.equal(container.State.Status, 'running');
  await box.ok(['rm', '-f', id]);
});

test('-d --rm removes the container at its end, with nobody waiting', async () => {
  await box.leavesNothing(async () => {
    const id = await box.ok(['run', '-d', '--rm', 'bb', 'sh', '-c', 'echo gone soon']);
    await box.nerdctl(['wait', id]);
  });
});

test('--cidfile and --pidfile hold the id and the pid', async () => {
  const [cid, pid] = [join(box.dir, 'cid'), join(box.dir, 'pid')];
  const id = await box.ok(['run', '-d', '--cidfile', cid, '--pidfile', pid, 'bb', ...idle]);
  assert.equal(readFileSync(cid, 'utf8'), id);
  const container = await box.inspect<ContainerJson>(id);
  assert.equal(Number(readFileSync(pid, 'utf8')), container.State.Pid);
  await box.fails(['run', '-d', '--cidfile', cid, 'bb', ...idle], 125, /[Cc]ontainer ID file found/);
  await box.ok(['rm', '-f', id]);
  assert.ok(existsSync(cid));
});

test('create, then start -a, is run', async () => {
  const name = box.name();
  await box.ok(['create', '--name', name, 'bb', 'sh', '-c', 'echo once; exit 7']);
  assert.equal((await box.inspect<ContainerJson>(name)).State.Status, 'created');
  const result = await box.nerdctl(['start', '-a', name]);
  assert.deepEqual([result.code, result.stdout], [7, 'once\n']);
  await box.ok(['rm', name]);
});

test('100 MB of output arrive whole and in order', async () => {
  const direct = await box.ok([
    'run',
    '--rm',
    'bb',
    'sh',
    '-c',
    'dd if=/dev/zero bs=1M count=100 2>/dev/null | md5sum',
  ]);
  assert.match(direct, /^2f282b84e7e608d5852449ed940bfc51/);
  const result = await box.nerdctl(['run', '--rm', 'bb', 'sh', '-c', 'seq 1 2000000']);
  assert.equal(result.stdout.length, 14_888_896);
  assert.ok(result.stdout.endsWith('1999999\n2000000\n'));
});
