import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { type ContainerJson, idle, ready } from '../harness/containers.ts';
import { lacksCgroups } from '../harness/user.ts';

const box = openBox(import.meta.url);
const state = async (name: string) => (await box.inspect<ContainerJson>(name)).State;

test('a life: create, start, pause, unpause, stop, start, restart, kill, rm', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['create', '--name', name, 'bb', ...idle]);
    const step = async (args: string[], status: string) => {
      assert.equal(await box.ok([...args, name]), name);
      assert.equal((await state(name)).Status, status, args.join(' '));
    };
    await step(['start'], 'running');
    if (!lacksCgroups()) {
      await step(['pause'], 'paused');
      await step(['unpause'], 'running');
    }
    await step(['stop'], 'exited');
    assert.equal((await state(name)).ExitCode, 0);
    await step(['start'], 'running');
    const { Pid } = await state(name);
    await step(['restart'], 'running');
    assert.notEqual((await state(name)).Pid, Pid);
    await step(['kill'], 'exited');
    assert.equal((await state(name)).ExitCode, 137);
    assert.equal(await box.ok(['rm', name]), name);
    await box.fails(['inspect', name], 1, new RegExp(`No such (object|container): ${name}`));
  });
});

test('stop asks with the stop signal of the container and kills after its time', async () => {
  const name = box.name();
  const stubborn = ['sh', '-c', 'trap "echo asked" USR1; while :; do sleep 0.1; done'];
  await box.ok(['run', '-d', '--name', name, '--stop-signal', 'SIGUSR1', '--stop-timeout', '1', 'bb', ...stubborn]);
  await box.ok(['exec', name, 'true']);
  const began = Date.now();
  await box.ok(['stop', name]);
  assert.ok(Date.now() - began >= 900, 'the time was given');
  assert.equal((await state(name)).ExitCode, 137);
  assert.match(await box.ok(['logs', name]), /asked/);
  await box.ok(['rm', name]);
});

test('kill -s sends any signal, by number and by name', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, 'bb', 'sh', '-c', 'trap "exit 5" USR2; sleep 1000 & wait']);
  await box.ok(['exec', name, 'true']);
  await box.ok(['kill', '-s', '12', name]);
  assert.equal(await box.ok(['wait', name]), '5');
  await box.fails(['kill', name], 1, /is not running/);
  await box.ok(['rm', name]);
});

test('rename moves the name', async () => {
  const [first, second] = [box.name(), box.name()];
  await box.ok(['run', '-d', '--name', first, 'bb', ...idle]);
  await box.ok(['rename', first, second]);
  assert.equal((await box.inspect<ContainerJson>(second)).Name, `/${second}`);
  await box.fails(['inspect', first], 1, /No such/);
  await box.ok(['run', '--rm', '--name', first, 'bb', 'true']);
  await box.ok(['rm', '-f', second]);
});

test('several targets: each success is printed, each failure told, exit 1', async () => {
  const [a, b] = [box.name(), box.name()];
  for (const name of [a, b]) await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
  const result = await box.nerdctl(['stop', a, 'no-such-one', b]);
  assert.deepEqual([result.code, result.stdout.trim().split('\n').sort()], [1, [a, b].sort()]);
  assert.match(result.stderr, /No such container: no-such-one/);
  assert.equal(await box.ok(['rm', a, b]), `${a}\n${b}`);
});

test('rm refuses a running container, takes it with -f, and its anonymous volumes with -v', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, '-v', '/kept', 'bb', ...idle]);
  await box.fails(['rm', name], 1, /cannot remove a running container|stop the container before|container is running/i);
  const volume = (await box.inspect<ContainerJson>(name)).Mounts[0]?.Name ?? '';
  assert.match(await box.ok(['volume', 'ls', '-q']), new RegExp(volume));
  await box.ok(['rm', '-f', '-v', name]);
  assert.doesNotMatch(await box.ok(['volume', 'ls', '-q']), new RegExp(volume));
});

test('a container is found by name, id and unambiguous beginning of the id', async () => {
  const name = box.name();
  const id = await box.ok(['run', '-d', '--name', name, 'bb', ...ready]);
  for (const word of [name, id, id.slice(0, 12), id.slice(0, 5)]) {
    assert.equal((await box.inspect<ContainerJson>(word)).Id, id);
  }
  await box.ok(['rm', '-f', id.slice(0, 12)]);
});

test('a second start of a running container is no error', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
  assert.equal(await box.ok(['start', name]), name);
  await box.ok(['rm', '-f', name]);
});
