import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSpec } from '../../../../src/runtime/spec/build.ts';
import { discardLimits } from '../../../../src/runtime/spec/supported.ts';
import { specInput } from './input.ts';

const machine = { ...specInput().machine, rootless: true, cgroupManager: 'none' as const, minOomScoreAdj: 100 };

test('the spec of a user: no cgroup, no sysctls of the machine, no lower oom_score_adj', () => {
  const spec = buildSpec(specInput({ machine, domainname: 'dom', hostConfig: { Memory: 1 << 26, OomScoreAdj: -5 } }));
  assert.equal(spec.linux.cgroupsPath, '');
  assert.deepEqual(Object.keys(spec.linux.resources ?? {}), ['devices']);
  assert.deepEqual(spec.linux.sysctl, { 'net.ipv4.ip_unprivileged_port_start': '0' });
  assert.equal(spec.process.oomScoreAdj, 100);
});

test('with systemd the scope is in the slice that the user has', () => {
  const systemd = { ...machine, cgroupManager: 'systemd' as const, cgroupParent: 'user.slice' };
  const spec = buildSpec(specInput({ id: 'abc', machine: systemd, hostConfig: { Memory: 1 << 26 } }));
  assert.equal(spec.linux.cgroupsPath, 'user.slice:nerdctl:abc');
  assert.equal(spec.linux.resources?.memory?.limit, 1 << 26);
});

test("the host's processes and network are seen through its own /proc and /sys, devices elsewhere are bound", () => {
  const namespaces = { ...specInput().namespaces, pid: 'host', ipc: 'host', network: 'host' } as const;
  const device = { type: 'c' as const, major: 1, minor: 3, path: '/dev/mine' };
  const rule = { allow: true, type: 'c' as const, major: 1, minor: 3, access: 'rwm' };
  const devices = [
    { source: '/dev/null', device, rule },
    { source: '/dev/fuse', device: { ...device, path: '/dev/fuse' }, rule },
  ];
  const { linux, mounts } = buildSpec(specInput({ machine, namespaces, devices }));
  const at = (path: string) => mounts.find(({ destination }) => destination === path);
  assert.deepEqual([at('/proc')?.type, at('/sys')?.type], ['bind', 'bind']);
  assert.equal(at('/dev/mqueue'), undefined);
  assert.equal(at('/dev/mine')?.source, '/dev/null');
  assert.deepEqual(
    linux.devices?.map(({ path }) => path),
    ['/dev/fuse'],
  );
});

test('limits are left out with one warning; -1, which is none, needs none', () => {
  const { hostConfig, warnings } = discardLimits({ Memory: 1 << 26, NanoCpus: 5e8, PidsLimit: 9, Privileged: true });
  assert.deepEqual(hostConfig, { Privileged: true });
  assert.equal(warnings.length, 1);
  assert.deepEqual(discardLimits({ PidsLimit: -1, MemorySwappiness: -1 }).warnings, []);
});
