import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cgroupFacts, delegatedControllers } from '../../src/host/cgroups.ts';
import { openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';
import { lacksCgroups } from '../harness/user.ts';

const box = openBox(import.meta.url);
const skip = lacksCgroups();
const user = box.lane.user;
const controllers = user && !skip ? delegatedControllers(user.uid) : cgroupFacts().controllers;
const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
const at = (v1: string, v2: string) => `cat /sys/fs/cgroup/${isV2 ? v2 : v1}`;

const disk = readdirSync('/sys/block').find((name) => existsSync(`/dev/${name}`));
const diskNumber = disk && readFileSync(`/sys/block/${disk}/dev`, 'utf8').trim();

const table: [flags: string[], command: string, v1: string, v2: string][] = [
  [['-m', '64m'], at('memory/memory.limit_in_bytes', 'memory.max'), '67108864', '67108864'],
  [['--memory-reservation', '32m'], at('memory/memory.soft_limit_in_bytes', 'memory.low'), '33554432', '33554432'],
  [['--cpus', '0.5'], at('cpu/cpu.cfs_quota_us', 'cpu.max'), '50000', '50000 100000'],
  [['--cpu-period', '50000', '--cpu-quota', '20000'], at('cpu/cpu.cfs_quota_us', 'cpu.max'), '20000', '20000 50000'],
  [['--cpu-shares', '512'], at('cpu/cpu.shares', 'cpu.weight'), '512', '20'],
  [['--cpuset-cpus', '0'], at('cpuset/cpuset.cpus', 'cpuset.cpus'), '0', '0'],
  [['--pids-limit', '50'], at('pids/pids.max', 'pids.max'), '50', '50'],
  [
    ['--device-read-bps', `/dev/${disk ?? 'null'}:1mb`],
    at('blkio/blkio.throttle.read_bps_device', 'io.max'),
    `${diskNumber} 1048576`,
    `${diskNumber} rbps=1048576 wbps=max riops=max wiops=max`,
  ],
  [
    ['--device-write-iops', `/dev/${disk ?? 'null'}:100`],
    at('blkio/blkio.throttle.write_iops_device', 'io.max'),
    `${diskNumber} 100`,
    `${diskNumber} rbps=max wbps=max riops=max wiops=100`,
  ],
];

const lacksController = (name: string) =>
  !controllers.includes(name) && `this machine lacks the cgroup controller ${name}`;
const controllerOf = (command: string) => /cgroup\/(\w+)/.exec(command)?.[1] ?? '';

for (const [flags, command, v1, v2] of table) {
  const lacks =
    lacksController(controllerOf(command)) ||
    (flags[0]?.startsWith('--device') && !disk && 'this machine lacks a block device');
  test(flags.join(' '), { skip: skip ?? lacks }, async () => {
    assert.equal(await box.ok(['run', '--rm', ...flags, 'bb', 'sh', '-c', command]), isV2 ? v2 : v1);
  });
}

const without = table.filter(([, command]) => lacksController(controllerOf(command)));
test('without its controller a limit is left out, and one warning says so', {
  skip: skip ?? (without.length === 0 && 'this machine lacks a user to whom a cgroup controller is not delegated'),
}, async () => {
  for (const [flags] of without) {
    const { code, stdout, stderr } = await box.nerdctl(['run', '--rm', ...flags, 'bb', 'echo', 'x']);
    assert.equal(`${code} ${stdout}`, '0 x\n', stderr);
    assert.match(stderr, /^WARNING: Your kernel does not support [^\n]+ discarded\.\n$/, flags.join(' '));
  }
});

test('a container over its memory is killed, and says so', { skip: skip ?? lacksController('memory') }, async () => {
  const name = box.name();
  const greedy = ['sh', '-c', 'x=a; while :; do x=$x$x; done'];
  const result = await box.nerdctl(['run', '--name', name, '-m', '16m', '--memory-swap', '16m', 'bb', ...greedy]);
  const { State } = await box.inspect<ContainerJson>(name);
  assert.ok([137, 2].includes(result.code), `exit ${result.code}`);
  if (result.code === 137) assert.equal(State.OOMKilled, true);
  await box.ok(['rm', name]);
});

test('without cgroups: one warning, and the limits are left out', {
  skip: !skip && 'this machine lacks a user without cgroups',
}, async () => {
  const result = await box.nerdctl([
    'run',
    '--rm',
    '-m',
    '64m',
    '--cpus',
    '0.5',
    '--pids-limit',
    '9',
    'bb',
    'echo',
    'x',
  ]);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /^WARNING: Running without cgroups: [^\n]*Limits discarded\.\n$/);
});

test('limits that cannot be are refused in one sentence', async () => {
  await box.fails(['run', '--rm', '-m', '1k', 'bb', 'true'], 125, /[Mm]inimum memory limit/);
  await box.fails(['run', '--rm', '-m', 'lots', 'bb', 'true'], 125, /invalid/);
  await box.fails(['run', '--rm', '--cpus', '1000', 'bb', 'true'], 125, /CPUs/);
  await box.fails(['run', '--rm', '--device-read-bps', 'sda:1mb', 'bb', 'true'], 125, /bad format for device path/);
});

test('a device that is not there', { skip: skip ?? lacksController(isV2 ? 'io' : 'blkio') }, async () => {
  const absent = ['--device-read-iops', '/dev/no-such:100'];
  await box.fails(['run', '--rm', ...absent, 'bb', 'true'], 127, /stat \/dev\/no-such: no such file or directory/);
});
