import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOnly } from '../../../../src/engine/image/container-diff.ts';

test('the mounts of a container without a second writer', () => {
  const cases: [type: string, options: string[], readOnlyOptions: string[]][] = [
    [
      'overlay',
      ['index=off', 'workdir=/s/9/work', 'upperdir=/s/9/fs', 'lowerdir=/s/2/fs:/s/1/fs'],
      ['index=off', 'lowerdir=/s/9/fs:/s/2/fs:/s/1/fs'],
    ],
    ['fuse3.fuse-overlayfs', ['upperdir=/u', 'lowerdir=/l', 'workdir=/w'], ['lowerdir=/u:/l']],
    ['bind', ['rbind', 'rw'], ['rbind', 'ro']],
    ['btrfs', ['subvolid=5', 'rw'], ['subvolid=5', 'rw']],
  ];
  for (const [type, options, expected] of cases) {
    const mount = { type, source: 'x', target: '', options };
    assert.deepEqual(readOnly(mount), { ...mount, options: expected });
  }
});
