import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discardLimits, discardUnsupported } from '../../../../src/runtime/spec/supported.ts';
import type { CgroupSupport } from '../../../../src/runtime/spec/validate.ts';

const nothing: CgroupSupport = {
  memory: false,
  swap: false,
  swappiness: false,
  oomKillDisable: false,
  pids: false,
  cpuShares: false,
  cpuCfs: false,
  cpuset: false,
  blkioWeight: false,
};
const weight = { Path: '/dev/sda', Weight: 100 };
const blkio = 'Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.';

test('limits that nobody asked for are no reason for a warning', () => {
  const unset = { Memory: 0, CpusetCpus: '', BlkioWeight: 0, BlkioWeightDevice: [], BlkioDeviceReadBps: [] };
  assert.deepEqual(discardUnsupported(unset, nothing), { hostConfig: unset, warnings: [] });
  assert.deepEqual(discardLimits({ ...unset, MemorySwap: -1 }).warnings, []);
});

test('those that were are left out with one', () => {
  assert.deepEqual(discardUnsupported({ BlkioWeightDevice: [weight] }, nothing), { hostConfig: {}, warnings: [blkio] });
  const { hostConfig, warnings } = discardLimits({
    Memory: 1 << 26,
    BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1 }],
  });
  assert.deepEqual([hostConfig, warnings.length], [{}, 1]);
});
