import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);
const caps = "awk '/CapEff/ {print $2}' /proc/self/status";
const run = (flags: string[], script: string) => box.ok(['run', '--rm', ...flags, 'bb', 'sh', '-c', script]);

test("docker's fourteen capabilities by default", async () => {
  assert.equal(await run([], caps), '00000000a80425fb');
});

test('--cap-add and --cap-drop, with and without CAP_, and ALL', async () => {
  assert.equal(await run(['--cap-drop', 'ALL'], caps), '0000000000000000');
  assert.equal(await run(['--cap-drop', 'all', '--cap-add', 'NET_RAW'], caps), '0000000000002000');
  assert.equal(await run(['--cap-drop', 'ALL', '--cap-add', 'CAP_CHOWN'], caps), '0000000000000001');
  await box.fails(['run', '--rm', '--cap-add', 'NO_SUCH', 'bb', 'true'], 125, /[Uu]nknown capability.*NO_SUCH/);
});

test('a user that is not root has no effective capabilities', async () => {
  assert.equal(await run(['-u', '1000'], caps), '0000000000000000');
});

test('seccomp filters by default and not with unconfined', async () => {
  const mode = "awk '/^Seccomp:/ {print $2}' /proc/self/status";
  assert.equal(await run([], mode), '2');
  assert.equal(await run(['--security-opt', 'seccomp=unconfined'], mode), '0');
  assert.equal(await run(['--privileged'], mode), '0');
});

test('no-new-privileges', async () => {
  const flag = "awk '/NoNewPrivs/ {print $2}' /proc/self/status";
  assert.equal(await run([], flag), '0');
  assert.equal(await run(['--security-opt', 'no-new-privileges'], flag), '1');
  assert.equal(await run(['--security-opt', 'no-new-privileges:true'], flag), '1');
});

test('paths of /proc are masked and read-only, unless systempaths=unconfined', async () => {
  // Of the container's own network: a user without root may, too.
  const write = 'echo 1 2>/dev/null >/proc/sys/net/ipv4/ip_forward && echo written || echo refused';
  assert.equal(await run([], 'for f in kcore timer_list; do cat /proc/$f 2>/dev/null | wc -c; done'), '0\n0');
  const may = ['--cap-add', 'NET_ADMIN'];
  assert.equal(await run(may, write), 'refused');
  assert.equal(await run([...may, '--security-opt', 'systempaths=unconfined'], write), 'written');
});

test('--privileged may mount and sees the devices', async () => {
  assert.equal(await run(['--privileged'], 'mount -t tmpfs none /tmp && ls /dev | grep -c "^kmsg$"'), '1');
  await box.fails(['run', '--rm', 'bb', 'mount', '-t', 'tmpfs', 'none', '/tmp'], 1, /denied|not permitted/);
});

test('an unknown --security-opt is refused', async () => {
  await box.fails(['run', '--rm', '--security-opt', 'nonsense=1', 'bb', 'true'], 125, /[Ii]nvalid --security-opt/);
});
