import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { engineSide } from '../harness/engine-side.ts';

const box = openBox(import.meta.url);
const side = engineSide(box.lane.user);
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
  // A test in a container has filters itself.
  const own = Number(/Seccomp_filters:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const filters = "awk '/^Seccomp_filters:/ {print $2}' /proc/self/status";
  assert.equal(await run([], filters), `${own + 1}`);
  assert.equal(await run(['--security-opt', 'seccomp=unconfined'], filters), `${own}`);
  assert.equal(await run(['--privileged'], filters), `${own}`);
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
  const device = ['kmsg', 'fuse'].find((name) => existsSync(`/dev/${name}`)) ?? 'kmsg';
  assert.equal(await run(['--privileged'], `mount -t tmpfs none /tmp && ls /dev | grep -c "^${device}$"`), '1');
  await box.fails(['run', '--rm', 'bb', 'mount', '-t', 'tmpfs', 'none', '/tmp'], 1, /denied|not permitted/);
});

test('--device of a directory: the nodes in it, one that is mounted there too', async () => {
  const dir = join(box.dir, 'devices');
  mkdirSync(dir);
  writeFileSync(join(dir, 'mounted'), '');
  const inside = (...command: [string, ...string[]]) => execFileSync(...side.inside(command[0], command.slice(1)));
  inside('mount', '--bind', '/dev/null', join(dir, 'mounted'));
  try {
    assert.equal(
      await run(['--device', `${dir}:/dev/more`], "stat -c '%n %F' /dev/more/*"),
      '/dev/more/mounted character special file',
    );
  } finally {
    inside('umount', join(dir, 'mounted'));
  }
});

test('an unknown --security-opt is refused', async () => {
  await box.fails(['run', '--rm', '--security-opt', 'nonsense=1', 'bb', 'true'], 125, /[Ii]nvalid --security-opt/);
});
