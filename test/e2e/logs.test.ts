import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';

const box = openBox(import.meta.url);
const made = async (flags: string[], script: string) => {
  const name = box.name();
  await box.nerdctl(['run', '--name', name, ...flags, 'bb', 'sh', '-c', script]);
  return name;
};

test('streams apart, tail, timestamps', async () => {
  const name = await made([], 'for i in 1 2 3; do echo out $i; done; echo err >&2');
  const whole = await box.nerdctl(['logs', name]);
  assert.deepEqual([whole.stdout, whole.stderr], ['out 1\nout 2\nout 3\n', 'err\n']);
  const tail = await box.nerdctl(['logs', '--tail', '2', name]);
  assert.deepEqual([tail.stdout, tail.stderr], ['out 3\n', 'err\n']);
  assert.equal((await box.nerdctl(['logs', '-n', '0', name])).stdout, '');
  assert.match(await box.ok(['logs', '-t', '-n', '2', name]), /^\d{4}-\d\d-\d\dT[\d:.]+Z out 3$/);
  await box.ok(['rm', name]);
});

test('--since and --until, absolute and relative', async () => {
  const name = await made([], 'echo early; sleep 1.2; echo late');
  const [, late] = (await box.ok(['logs', '-t', name])).split('\n').map((line) => line.split(' ')[0]!);
  assert.equal(await box.ok(['logs', '--since', late!, name]), 'late');
  const earlier = new Date(new Date(late!).getTime() - 300).toISOString();
  assert.equal(await box.ok(['logs', '--until', earlier, name]), 'early');
  assert.equal(await box.ok(['logs', '--since', '1h', name]), 'early\nlate');
  assert.equal(await box.ok(['logs', '--until', '1h', name]), '');
  await box.ok(['rm', name]);
});

test('-f follows to the end of the container', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, 'bb', 'sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.3; done']);
  assert.equal(await box.ok(['logs', '-f', name]), '1\n2\n3');
  await box.ok(['rm', name]);
});

test('-f follows across rotation, and only max-file files stay', async () => {
  const name = box.name();
  const flags = ['--log-opt', 'max-size=10k', '--log-opt', 'max-file=3'];
  const script = 'sleep 0.5; for n in 0 1 2 3 4; do seq $((n * 100 + 1)) $((n * 100 + 100)); sleep 0.2; done';
  const id = await box.ok(['run', '-d', '--name', name, ...flags, 'bb', 'sh', '-c', script]);
  const followed = (await box.ok(['logs', '-f', name])).split('\n');
  assert.equal(followed.length, 500);
  const { LogPath } = await box.inspect<ContainerJson>(name);
  const files = readdirSync(dirname(LogPath)).filter((file) => file.includes('-json.log'));
  assert.deepEqual(files.sort(), [`${id}-json.log`, `${id}-json.log.1`, `${id}-json.log.2`]);
  await box.ok(['rm', name]);
});

test('long lines, bytes that are not UTF-8, no newline at the end', async () => {
  const name = await made([], "head -c 100000 /dev/zero | tr '\\0' y; echo; printf 'a\\377b\\n'; printf last");
  const { stdout } = await box.nerdctl(['logs', name]);
  const [long, bytes, last] = stdout.split('\n');
  assert.equal(long, 'y'.repeat(100_000));
  assert.equal(bytes, 'a\uFFFDb');
  assert.equal(last, 'last');
  await box.ok(['rm', name]);
});

test('--log-driver none has no log', async () => {
  const name = await made(['--log-driver', 'none'], 'echo lost');
  await box.fails(['logs', name], 1, /configured logging driver does not support reading/);
  await box.ok(['rm', name]);
});

test('logs of a restarted container keep what was before', async () => {
  const name = await made([], 'echo once');
  await box.ok(['start', '-a', name]);
  assert.equal(await box.ok(['logs', name]), 'once\nonce');
  await box.ok(['rm', name]);
});

test('a terminal: one stream with carriage returns', async () => {
  const name = await made(['-t'], 'echo out; echo err >&2');
  assert.equal((await box.nerdctl(['logs', name])).stdout, 'out\r\nerr\r\n');
  await box.ok(['rm', name]);
});
