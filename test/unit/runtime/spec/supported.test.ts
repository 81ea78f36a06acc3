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
  blkioThrottle: false,
};
const weight = { Path: '/dev/sda', Weight: 100 };
const rate = { Path: '/dev/sda', Rate: 100 };
const blkio =
  'Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.';

test('limits that nobody asked for are no reason for a warning', () => {
  const unset = { Memory: 0, CpusetCpus: '', BlkioWeight: 0, BlkioWeightDevice: [], BlkioDeviceReadBps: [] };
  assert.deepEqual(discardUnsupported(unset, nothing), { hostConfig: unset, warnings: [] });
  assert.deepEqual(discardLimits({ ...unset, MemorySwap: -1 }).warnings, []);
});

test('those that were are left out with one', () => {
  assert.deepEqual(discardUnsupported({ BlkioWeightDevice: [weight] }, nothing), { hostConfig: {}, warnings: [blkio] });
  const rates = { BlkioDeviceReadBps: [rate], BlkioDeviceWriteIOps: [rate] };
  assert.deepEqual(discardUnsupported(rates, nothing), {
    hostConfig: {},
    warnings: [
      'Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.',
      'Your kernel does not support IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.',
    ],
  });
  assert.deepEqual(discardUnsupported(rates, { ...nothing, blkioThrottle: true }), { hostConfig: rates, warnings: [] });
  const { hostConfig, warnings } = discardLimits({
    Memory: 1 << 26,
    BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1 }],
  });
  assert.deepEqual([hostConfig, warnings.length], [{}, 1]);
});
