import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allCapabilities } from '../../../../src/runtime/spec/capabilities.ts';
import type { HostConfig } from '../../../../src/runtime/spec/input.ts';
import { checkHostConfig, type Limits } from '../../../../src/runtime/spec/validate.ts';

const limits: Limits = {
  availableCpus: '0-1\n',
  availableMems: '0',
  support: {
    memory: true,
    swap: true,
    swappiness: true,
    oomKillDisable: true,
    cpuShares: true,
    cpuCfs: true,
    cpuset: true,
    pids: true,
    blkioWeight: true,
    blkioThrottle: true,
  },
  cgroupManager: 'cgroupfs',
  capabilities: [...allCapabilities],
};
const MB = 1024 * 1024;
const joined = { NetworkMode: 'container:x' };
type Config = Parameters<typeof checkHostConfig>[0];

// dockerd's sentences, seen by asking it.
const refused: [HostConfig, string, Config?][] = [
  [{ Memory: MB }, 'Minimum memory limit allowed is 6MB'],
  [{ Memory: 100 * MB, MemorySwap: 50 * MB }, 'Minimum memoryswap limit should be larger than memory limit, see usage'],
  [{ MemorySwap: 50 * MB }, 'You should always set the Memory limit when using Memoryswap limit, see usage'],
  [{ MemoryReservation: MB }, 'Minimum memory reservation allowed is 6MB'],
  [
    { Memory: 100 * MB, MemoryReservation: 200 * MB },
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  ],
  [{ MemorySwappiness: 101 }, 'Invalid value: 101, valid memory swappiness range is 0-100'],
  [{ NanoCpus: 100e9 }, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ NanoCpus: -1e9 }, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ NanoCpus: 1e9, CpuQuota: 1000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
  [{ NanoCpus: 1e9, CpuPeriod: 1000 }, 'Conflicting options: Nano CPUs and CPU Period cannot both be set'],
  [{ CpuPeriod: 10 }, 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
  [{ CpuQuota: 10 }, 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
  [{ CpuShares: -1 }, 'invalid CPU shares (-1): value must be a positive integer'],
  [{ CpusetCpus: '9' }, 'Requested CPUs are not available - requested 9, available: 0-1'],
  [{ CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus: invalid format: x'],
  [{ CpusetMems: '5' }, 'Requested memory nodes are not available - requested 5, available: 0'],
  [{ BlkioWeight: 5 }, 'Range of blkio weight is from 10 to 1000'],
  [{ OomScoreAdj: 5000 }, 'Invalid value 5000, range for oom score adj is [-1000, 1000]'],
  [{ ShmSize: -1 }, 'SHM size can not be less than 0'],
  [{ CapAdd: ['foo'] }, 'invalid CapAdd: unknown capability: "CAP_FOO"'],
  [{ SecurityOpt: ['foo=bar'] }, 'invalid --security-opt 2: "foo=bar"'],
  [{ DeviceCgroupRules: ['foo'] }, "invalid device cgroup rule format: 'foo'"],
  [{ AutoRemove: true, RestartPolicy: { Name: 'always' } }, "can't create 'AutoRemove' container with restart policy"],
  [
    { NetworkMode: 'host', Sysctls: { 'net.ipv4.ip_forward': '1' } },
    'sysctl "net.ipv4.ip_forward" not allowed in host network namespace',
  ],
  [joined, 'conflicting options: hostname and the network mode', { Hostname: 'x' }],
  [{ UTSMode: 'host' }, 'conflicting options: hostname and the UTS mode', { Hostname: 'x' }],
  [{ ...joined, Dns: ['1.1.1.1'] }, 'conflicting options: dns and the network mode'],
  [{ ...joined, ExtraHosts: ['a:1.1.1.1'] }, 'conflicting options: custom host-to-IP mapping and the network mode'],
  [{ NetworkMode: 'host' }, 'conflicting options: mac-address and the network mode', { MacAddress: '02:42::' }],
  [
    { ...joined, PortBindings: { '80/tcp': [] } },
    'conflicting options: port publishing and the container type network mode',
  ],
  [
    joined,
    'conflicting options: port exposing and the container type network mode',
    { ExposedPorts: { '80/tcp': {} } },
  ],
  [{}, "the working directory 'rel' is invalid, it needs to be an absolute path", { WorkingDir: 'rel' }],
];
for (const [hostConfig, message, config = {}] of refused) {
  test(`refuses ${JSON.stringify({ ...hostConfig, ...config })}`, () => {
    assert.throws(() => checkHostConfig(config, hostConfig, limits), { message, kind: 'invalid' });
  });
}

const accepted: HostConfig[] = [
  {},
  { Memory: 6 * MB, MemorySwap: -1, MemoryReservation: 6 * MB },
  { NanoCpus: 1e7 },
  { NanoCpus: 2e9 },
  { CpusetCpus: '0,1', CpusetMems: '0-0' },
  { PidsLimit: -5 },
  { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
];
for (const hostConfig of accepted) {
  test(`accepts ${JSON.stringify(hostConfig)}`, () => {
    assert.deepEqual(checkHostConfig({}, hostConfig, limits), { hostConfig, warnings: [] });
  });
}

test('a slice is wanted under systemd', () => {
  const systemd: Limits = { ...limits, cgroupManager: 'systemd' };
  checkHostConfig({}, { CgroupParent: 'my.slice' }, systemd);
  assert.throws(() => checkHostConfig({}, { CgroupParent: '/foo' }, systemd), {
    message: 'cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"',
  });
});

test('what the kernel lacks is dropped with a warning', () => {
  const support = Object.fromEntries(Object.keys(limits.support).map((key) => [key, false]));
  const poor = { ...limits, support: support as unknown as Limits['support'] };
  const all: HostConfig = {
    BlkioWeight: 5,
    CpuShares: 5,
    CpusetCpus: '0',
    NanoCpus: 1e9,
    PidsLimit: 5,
    OomKillDisable: true,
    MemorySwappiness: 5,
    Memory: 10 * MB,
  };
  const { hostConfig, warnings } = checkHostConfig({}, all, poor);
  assert.deepEqual(hostConfig, {});
  assert.equal(warnings.length, 8);
  const swapless = { ...limits, support: { ...limits.support, swap: false } };
  assert.deepEqual(checkHostConfig({}, { Memory: 10 * MB }, swapless).hostConfig, { Memory: 10 * MB, MemorySwap: -1 });
});
