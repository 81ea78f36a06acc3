import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';
import { lacksCgroups } from '../harness/user.ts';

const box = openBox(import.meta.url);
let id = '';
before(async () => {
  id = await box.ok(['run', '-d', '-e', 'OF_RUN=1', '-w', '/tmp', 'bb', ...idle]);
});
after(() => box.nerdctl(['rm', '-f', id]));

const table: [flags: string[], command: string[], out: string][] = [
  [[], ['echo', 'x'], 'x'],
  [[], ['sh', '-c', 'echo $OF_RUN; pwd'], '1\n/tmp'],
  [['-e', 'A=1', '-w', '/etc'], ['sh', '-c', 'echo $A; pwd'], '1\n/etc'],
  [['-u', 'web'], ['id', '-un'], 'web'],
  [['-u', '1234:1000'], ['sh', '-c', 'id -u; id -g'], '1234\n1000'],
  [['--privileged'], ['sh', '-c', 'awk \'/CapEff/ {print ($2 > "00000000a80425fb")}\' /proc/self/status'], '1'],
];
for (const [flags, command, out] of table) {
  test(`exec ${flags.join(' ')} ${command[0]}`, async () => {
    assert.equal(await box.ok(['exec', ...flags, id, ...command]), out);
  });
}

test('--env-file', async () => {
  const file = join(box.dir, 'env');
  writeFileSync(file, 'ONE=1\n');
  assert.equal(await box.ok(['exec', '--env-file', file, id, 'sh', '-c', 'echo $ONE']), '1');
});

test('-i hands over standard input', async () => {
  const { stdout } = await box.nerdctl(['exec', '-i', id, 'cat'], { input: 'through\n' });
  assert.equal(stdout, 'through\n');
});

test('both streams arrive apart', async () => {
  const result = await box.nerdctl(['exec', id, 'sh', '-c', 'echo out; echo err >&2; exit 4']);
  assert.deepEqual(result, { code: 4, stdout: 'out\n', stderr: 'err\n' });
});

test('-d returns at once with nothing on stdout, and the process runs', async () => {
  assert.equal(await box.ok(['exec', '-d', id, 'sh', '-c', 'sleep 0.2; touch /tmp/done']), '');
  await eventually(
    async () => (await box.nerdctl(['exec', id, 'test', '-e', '/tmp/done'])).code === 0,
    'the detached exec',
  );
});

test('twenty at once', async () => {
  const out = await Promise.all(Array.from({ length: 20 }, (_, i) => box.ok(['exec', id, 'echo', String(i)])));
  assert.deepEqual(
    out,
    Array.from({ length: 20 }, (_, i) => String(i)),
  );
});

test('a container that is not running or is paused is refused', async () => {
  const other = await box.ok(['create', 'bb', 'true']);
  await box.fails(['exec', other, 'true'], 1, /is not running/);
  await box.ok(['rm', other]);
  if (lacksCgroups()) return box.fails(['pause', id], 1, /Pausing container \w+ needs a cgroup: /).then(() => {});
  await box.ok(['pause', id]);
  await box.fails(['exec', id, 'true'], 1, /is paused/);
  await box.ok(['unpause', id]);
});

test('top lists the processes', async () => {
  assert.match(await box.ok(['top', id]), /PID[\s\S]*sleep 1000/);
});
