import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatList } from '../../../src/docker/format/list.ts';
import { type BuildCacheRow, buildCacheList } from '../../../src/docker/views/build-cache-list.ts';

const row: BuildCacheRow = {
  ID: 'a1',
  Parents: ['b2', 'c3'],
  CreatedAt: '2026-01-02 03:04:05.6 +0000 UTC',
  Mutable: true,
  InUse: false,
  Shared: false,
  Size: 4096,
  Description: 'd',
  UsageCount: 2,
  LastUsedAt: undefined,
  RecordType: 'regular',
};

test('the cache of BuildKit as JSON has the types of buildx, as text the words of Go', async () => {
  const list = buildCacheList({ now: 0, isTable: false });
  const lines = await formatList(list, [row, { ...row, Parents: [] }], { format: 'json' });
  const [first, second] = lines.split('\n').map((line) => line && JSON.parse(line));
  const { ID, CreatedAt, Parents, Description } = row;
  assert.deepEqual(first, {
    ...{ ID, CreatedAt, Parents, Description, Mutable: true, Reclaimable: true, Shared: false, Size: '4.096kB' },
    ...{ UsageCount: 2, LastUsedAt: '', Type: 'regular' },
  });
  assert.equal(second.Parents, null);
  const text = await formatList(list, [row], { format: '{{.Parents}} {{.Mutable}} {{.UsageCount}}' });
  assert.equal(text, '[b2 c3] true 2\n');
});
