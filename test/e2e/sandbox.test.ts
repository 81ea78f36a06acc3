import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);

test('the test images are in the namespace of the file', async () => {
  const names = await box.ctr(['images', 'ls', '-q']);
  for (const name of ['bb', 'web', 'full']) assert.match(names, new RegExp(`docker.io/library/${name}:latest`));
});

test('the engine runs a container and leaves nothing', async () => {
  await box.leavesNothing(async () => {
    const out = await box.ctr(['run', '--rm', 'docker.io/library/bb:latest', box.name(), 'echo', 'alive']);
    assert.equal(out, 'alive\n');
  });
});
