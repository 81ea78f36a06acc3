import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';

const box = openBox(import.meta.url);

test('attach to a detached container: everybody sees everything, its end and its code', async () => {
  const name = box.name();
  const script = 'until [ -e /go ]; do echo waiting; sleep 0.1; done; for i in 1 2 3; do echo "tick $i"; done; exit 5';
  await box.ok(['run', '-d', '--name', name, 'bb', 'sh', '-c', script]);
  const viewers = [0, 1, 2].map(() => box.start(['attach', '--no-stdin', name]));
  await Promise.all(viewers.map((viewer) => viewer.says(/waiting/)));
  await box.ok(['exec', name, 'touch', '/go']);
  for (const viewer of viewers) {
    const result = await viewer.result;
    assert.match(result.stdout, /tick 1\ntick 2\ntick 3\n$/);
    assert.equal(result.code, 5);
  }
  await box.ok(['rm', name]);
});

test('several terminals write to one container', async () => {
  const name = box.name();
  await box.ok(['run', '-dit', '--name', name, 'bb', 'sh']);
  const [a, b] = [box.terminal(['attach', name]), box.terminal(['attach', name])];
  // what one sees of its own keys tells that it is attached
  a.type('echo here-$((1 * 1))-a\r');
  b.type('echo here-$((1 * 1))-b\r');
  await Promise.all([a.shows('here-1-a'), b.shows('here-1-b')]);
  a.type('echo from-a-$((1 + 1))\r');
  await Promise.all([a.shows('from-a-2'), b.shows('from-a-2')]);
  b.type('echo from-b-$((2 + 2))\r');
  await Promise.all([a.shows('from-b-4'), b.shows('from-b-4')]);
  a.type('\x10\x11');
  await a.ended;
  b.type('exit\r');
  assert.equal((await b.ended).code, 0);
  await box.ok(['rm', name]);
});

test('signals go through to the container, unless --sig-proxy=false', async () => {
  const name = box.name();
  const script = ['sh', '-c', 'trap "echo got TERM; exit 8" TERM; echo ready; sleep 1000 & wait'];
  const run = box.start(['run', '--name', name, 'bb', ...script]);
  await run.says(/ready/);
  run.kill('SIGTERM');
  assert.deepEqual([(await run.result).code, run.stdout()], [8, 'ready\ngot TERM\n']);
  await box.ok(['rm', name]);

  await box.ok(['run', '-d', '--name', name, 'bb', ...script]);
  const viewer = box.start(['attach', '--sig-proxy=false', name]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  viewer.kill('SIGKILL');
  await viewer.result;
  assert.equal((await box.inspect<ContainerJson>(name)).State.Running, true);
  await box.ok(['rm', '-f', name]);
});

test('an ended container cannot be attached to', async () => {
  const name = box.name();
  await box.ok(['run', '--name', name, 'bb', 'true']);
  await box.fails(['attach', name], 1, /[Yy]ou cannot attach to a stopped container/);
  await box.ok(['rm', name]);
});
