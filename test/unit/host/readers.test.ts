import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cgroupFacts } from '../../../src/host/cgroups.ts';
import { dataStoreRoot } from '../../../src/host/data-store.ts';
import { mountCall } from '../../../src/host/mount-options.ts';
import { mountOf, parseMountInfo } from '../../../src/host/mountinfo.ts';
import { parseSocketTable } from '../../../src/host/ports.ts';
import { isAlive, parseProcessStat } from '../../../src/host/proc.ts';

describe('mountCall', () => {
  const cases: [type: string, options: string[], flags: number, data: string, propagation: number][] = [
    ['overlay', ['lowerdir=/a:/b', 'upperdir=/u'], 0, 'lowerdir=/a:/b,upperdir=/u', 0],
    ['bind', ['rbind', 'ro'], 0x5001, '', 0],
    ['bind', [], 0x1000, '', 0],
    ['tmpfs', ['nosuid', 'noexec', 'nodev', 'size=64m', 'mode=1777'], 0xe, 'size=64m,mode=1777', 0],
    ['bind', ['bind', 'rprivate'], 0x1000, '', (1 << 18) | 0x4000],
    ['bind', ['bind', 'shared'], 0x1000, '', 1 << 20],
    ['tmpfs', ['ro', 'rw', 'defaults', ''], 0, '', 0],
  ];
  for (const [type, options, flags, data, propagation] of cases)
    test(`${type} ${options.join(',')}`, () =>
      assert.deepEqual(mountCall(type, options), { flags, data, propagation, directory: '' }));

  test('a lowerdir longer than a page becomes relative', () => {
    const dirs = Array.from(
      { length: 80 },
      (_, i) => `/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/${i}/fs`,
    );
    const call = mountCall('overlay', ['index=off', `lowerdir=${dirs.join(':')}`]);
    assert.equal(call.directory, '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/');
    assert.equal(call.data, `index=off,lowerdir=${dirs.map((_, i) => `${i}/fs`).join(':')}`);
  });
});

describe('mountinfo', () => {
  const mounts = parseMountInfo(
    `21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:26 /sub /mnt/a\\040b ro,nosuid shared:7 master:3 - tmpfs t\\303\\251 rw,size=4k
31 21 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
32 21 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 21 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
34 21 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`,
  );
  test('fields and escapes', () => {
    assert.deepEqual(mounts[1], {
      root: '/sub',
      mountPoint: '/mnt/a b',
      options: ['ro', 'nosuid'],
      propagation: ['shared:7', 'master:3'],
      fsType: 'tmpfs',
      source: 'té',
      superOptions: ['rw', 'size=4k'],
    });
  });
  test('the mount of a path', () => {
    assert.equal(mountOf('/mnt/a b/c', mounts)?.mountPoint, '/mnt/a b');
    assert.equal(mountOf('/mnt/a bc', mounts)?.mountPoint, '/');
  });
  test('cgroup layouts', () => {
    const unified = '/sys/fs/cgroup/unified';
    assert.deepEqual(cgroupFacts(mounts), {
      version: 1,
      hybrid: true,
      controllers: ['memory', 'cpu', 'cpuacct'],
      unified,
    });
    const v2 = parseMountInfo('31 21 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');
    assert.equal(cgroupFacts(v2).version, 2);
  });
});

test('process stat, whatever the name of the program', () => {
  const rest = Array.from({ length: 18 }, (_, i) => (i === 17 ? '4711' : '0')).join(' ');
  assert.deepEqual(parseProcessStat(`12 (a) b (c) S 7 ${rest} 0 0`), { state: 'S', ppid: 7, startTime: 4711 });
  assert.equal(isAlive(process.pid), true);
  assert.equal(isAlive(2 ** 22 + 1), false);
});

test('socket tables', () => {
  const head = '  sl  local_address rem_address   st\n';
  const tcp = `${head}   0: 0100007F:1F90 00000000:0000 0A 0\n   1: 0100007F:1F91 0100007F:0050 01 0\n`;
  assert.deepEqual(parseSocketTable(tcp, 'tcp'), [{ protocol: 'tcp', address: '127.0.0.1', port: 8080 }]);
  const addresses: [hex: string, text: string][] = [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '127.0.0.1'],
    ['B80D0120000000000000000001000000', '2001:db8::1'],
  ];
  for (const [hex, address] of addresses)
    assert.deepEqual(parseSocketTable(`${head} 0: ${hex}:0035 00:00 07\n`, 'udp'), [
      { protocol: 'udp', address, port: 53 },
    ]);
});

test('the data store of the default containerd has its well-known name', () => {
  assert.equal(
    dataStoreRoot('/var/lib/nerdctl', 'unix:///run/containerd/containerd.sock'),
    '/var/lib/nerdctl/1935db59',
  );
});
