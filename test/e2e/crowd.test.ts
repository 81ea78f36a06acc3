import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openBox } from '../harness/box.ts';
import { idle } from '../harness/containers.ts';

const box = openBox(import.meta.url);

// all two hundred once is enough of one machine's time; the other engines show that theirs is no different
const each = box.lane.source.name === '1.7' || box.lane.source.name === '2.1' ? 5 : 20;

test(`${10 * each} run --rm in ten parallel streams end with no error and nothing left`, {
  timeout: 600_000,
}, async () => {
  await box.ok(['run', '--rm', 'bb', 'true']);
  await box.leavesNothing(async () => {
    const stream = async (which: number) => {
      for (let i = 0; i < each; i++) {
        const word = `${which}-${i}`;
        const result = await box.nerdctl(['run', '--rm', 'bb', 'echo', word], { timeout: 120_000 });
        assert.deepEqual(result, { code: 0, stdout: `${word}\n`, stderr: '' });
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, which) => stream(which)));
  });
});

test('ten at once with the same name: one wins', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    const results = await Promise.all(Array.from({ length: 10 }, () => box.nerdctl(['create', '--name', name, 'bb'])));
    assert.equal(results.filter(({ code }) => code === 0).length, 1);
    for (const { code, stderr } of results) if (code !== 0) assert.match(stderr, /already in use/);
    await box.ok(['rm', name]);
  });
});

test('twenty runs at once with the same name, and with the same port: one wins', async () => {
  const crowd = (flags: string[]) =>
    Promise.all(Array.from({ length: 20 }, () => box.nerdctl(['run', '-d', ...flags, 'bb', ...idle])));
  const name = box.name();
  for (const [flags, sentence] of [
    [['--name', name], /The container name "\/c-\w+" is already in use/],
    [['-p', '8077:80'], /Bind for 0.0.0.0:8077 failed: port is already allocated/],
  ] as const) {
    await box.leavesNothing(async () => {
      const losers = (await crowd([...flags])).filter(({ code }) => code !== 0);
      assert.equal(losers.length, 19);
      for (const { code, stderr } of losers) {
        assert.equal(code, 125);
        assert.match(stderr, sentence);
      }
      await box.ok(['rm', '-f', ...(await box.ok(['ps', '-aq'])).split('\n')]);
    });
  }
});

test('start, stop, restart and rm of one container at once: sentences, no hang, nothing left', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['create', '--name', name, '-p', '8078:80', 'bb', ...idle]);
    const verbs = ['start', 'stop', 'kill', 'restart', 'start', 'rm', 'start', 'stop', 'rm'];
    await Promise.all(
      verbs.map(async (verb, i) => {
        await delay(30 * i);
        const { stderr } = await box.nerdctl([verb, ...(verb === 'restart' ? ['-t', '0'] : []), name]);
        assert.match(stderr, /^(Error response from daemon: .*\n(Error: failed to start containers: .*\n)?)?$/);
      }),
    );
    await box.nerdctl(['rm', '-f', name]);
    assert.equal(await box.ok(['ps', '-aq']), '');
  });
});

test('ten at once with any port: ten different ones', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => box.ok(['run', '-d', '-p', '80', 'web'])));
  const ports = await Promise.all(ids.map((id) => box.ok(['port', id, '80'])));
  assert.equal(new Set(ports).size, 10);
  await box.ok(['rm', '-f', ...ids]);
});

test('the same volume and network from many at once', async () => {
  const [net, volume] = [box.name('net'), box.name('vol')];
  await box.ok(['network', 'create', net]);
  const flags = ['--network', net, '-v', `${volume}:/v`];
  const run = (i: number) => box.ok(['run', '--rm', ...flags, 'bb', 'sh', '-c', `echo ${i} >/v/${i}`]);
  await Promise.all(Array.from({ length: 8 }, (_, i) => run(i)));
  assert.equal((await box.ok(['run', '--rm', ...flags, 'bb', 'ls', '/v'])).split('\n').length, 8);
  await box.ok(['network', 'rm', net]);
  await box.ok(['volume', 'rm', volume]);
});
