import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lacking } from '../../../../src/engine/system/limits-info.ts';

const all = {
  memory: true,
  swap: true,
  swappiness: true,
  oomKillDisable: true,
  pids: true,
  cpuShares: true,
  cpuCfs: true,
  cpuset: true,
  blkioWeight: true,
  blkioThrottle: true,
};

test('info warns of the limits that a machine lacks, as dockerd does', () => {
  assert.deepEqual(lacking(all, 1), []);
  assert.deepEqual(lacking({ ...all, swappiness: false, oomKillDisable: false }, 2), []);
  // What systemd delegates to a user: cpu, memory and pids.
  assert.deepEqual(
    lacking({ ...all, cpuset: false, blkioWeight: false, blkioThrottle: false }, 2),
    [
      'cpuset',
      'io.weight',
      'io.weight (per device)',
      'io.max (rbps)',
      'io.max (wbps)',
      'io.max (riops)',
      'io.max (wiops)',
    ].map((what) => `WARNING: No ${what} support`),
  );
  assert.deepEqual(lacking({ ...all, swap: false, blkioWeight: false, blkioThrottle: false }, 1), [
    'WARNING: No swap limit support',
    'WARNING: No blkio throttle.read_bps_device support',
    'WARNING: No blkio throttle.write_bps_device support',
    'WARNING: No blkio throttle.read_iops_device support',
    'WARNING: No blkio throttle.write_iops_device support',
  ]);
});
