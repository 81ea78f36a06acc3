import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeText } from '../../../../src/commands/image/tree.ts';
import type { ImageTree } from '../../../../src/engine/image/tree.ts';

const node = (id: string, diskUsage: number, contentSize: number, inUse = false) => ({
  id: `sha256:${id.repeat(32)}`,
  diskUsage,
  contentSize,
  inUse,
});

const images: ImageTree[] = [
  {
    ...node('ab', 13_600_000, 4_090_000, true),
    names: ['alpine:3', 'alpine:latest'],
    platforms: [
      { ...node('cd', 13_600_000, 4_090_000, true), platform: 'linux/amd64', available: true },
      { ...node('ef', 0, 0), platform: 'linux/arm/v7', available: false },
    ],
  },
  { ...node('12', 500, 200), names: [], platforms: [] },
];

test('images --tree, off a terminal', () => {
  assert.equal(
    treeText(images, { columns: 80, colour: false }),
    `WARNING: This is an experimental feature. The output may change and shouldn't be depended on.

                                              i Info →   U  In Use
IMAGE             ID             DISK USAGE   CONTENT SIZE   EXTRA
alpine:3
alpine:latest     abababababab       13.6MB         4.09MB   U
├─ linux/amd64    cdcdcdcdcdcd       13.6MB         4.09MB   U
└─ linux/arm/v7   efefefefefef           0B             0B

<untagged>        121212121212         500B           200B
`,
  );
});

test('a narrow terminal loses the last columns first, platforms without content are faint', () => {
  const narrow = treeText(images, { columns: 45, colour: true });
  assert.match(narrow, /DISK USAGE/);
  assert.doesNotMatch(narrow, /CONTENT SIZE/);
  assert.match(narrow, /\x1b\[2m└─ linux\/ar/);
});
