import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OciHistory } from '../../../../src/docker/oci.ts';
import { historyItems } from '../../../../src/engine/image/history.ts';

const view = (history: OciHistory[] | undefined) => ({
  imageId: 'sha256:top',
  config: { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, history },
});

test('the history of an image: newest first, sizes with the steps that made layers', () => {
  const cases: { history?: OciHistory[]; sizes: number[]; shown: [string, number, string][] }[] = [
    {
      history: [{ created_by: 'ADD' }, { created_by: 'ENV', empty_layer: true }, { created_by: 'RUN', comment: 'c' }],
      sizes: [10, 20],
      shown: [
        ['sha256:top', 20, 'RUN'],
        ['<missing>', 0, 'ENV'],
        ['<missing>', 10, 'ADD'],
      ],
    },
    {
      history: [{ created_by: 'ADD' }],
      sizes: [10, 20],
      shown: [
        ['sha256:top', 20, ''],
        ['<missing>', 10, 'ADD'],
      ],
    },
    { sizes: [10], shown: [['sha256:top', 10, '']] },
    { history: [{ created_by: 'ADD' }], sizes: [], shown: [['sha256:top', 0, 'ADD']] },
    { sizes: [], shown: [] },
  ];
  for (const { history, sizes, shown } of cases) {
    const items = historyItems(view(history), sizes);
    assert.deepEqual(
      items.map(({ Id, Size, CreatedBy }) => [Id, Size, CreatedBy]),
      shown,
    );
  }
  const [item] = historyItems(view([{ created: '2024-01-02T03:04:05.678Z' }]), []);
  assert.equal(item?.Created, Date.parse('2024-01-02T03:04:05Z') / 1000);
  assert.equal(historyItems(view([{ created: 'never' }]), [])[0]?.Created, undefined);
});
