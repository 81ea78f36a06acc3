import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchPage, openBox, pidsOf } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';

const box = openBox(import.meta.url);
const look = (name: string) => box.inspect<ContainerJson>(name);

test('on-failure:2 starts three times with the back-off, counts, and keeps the code', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, '--restart', 'on-failure:2', 'bb', 'sh', '-c', 'echo try; exit 3']);
  const ended = await eventually(async () => {
    const container = await look(name);
    return container.RestartCount === 2 && container.State.Status === 'exited' ? container : undefined;
  }, 'two restarts');
  assert.equal(ended.State.ExitCode, 3);
  assert.equal(await box.ok(['logs', name]), 'try\ntry\ntry');
  await box.ok(['rm', name]);
});

test('on-failure does not restart a success', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, '--restart', 'on-failure', 'bb', 'true']);
  assert.equal(await box.ok(['wait', name]), '0');
  assert.equal((await look(name)).RestartCount, 0);
  await box.ok(['rm', name]);
});

test('always restarts a killed container, with its network and ports, with no nerdctl alive', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, '--restart', 'always', '-p', '8070:80', 'web']);
    const { Pid } = (await look(name)).State;
    process.kill(Pid, 'SIGKILL');
    await eventually(async () => {
      const { State, RestartCount } = await look(name);
      return State.Running && State.Pid !== Pid && RestartCount === 1;
    }, 'the restart');
    assert.equal(await fetchPage(8070), 'hello from the page\n');
    await box.ok(['rm', '-f', name]);
  });
});

test('stop stops for good; unless-stopped and always start again by hand', async () => {
  for (const policy of ['always', 'unless-stopped']) {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, '--restart', policy, 'bb', ...idle]);
    await box.ok(['stop', name]);
    assert.equal((await look(name)).State.Status, 'exited');
    await box.ok(['start', name]);
    assert.equal((await look(name)).State.Status, 'running');
    await box.ok(['rm', '-f', name]);
  }
});

test('rm -f in the middle of the back-off leaves nothing', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, '--restart', 'always', 'bb', 'false']);
    await eventually(async () => (await look(name)).RestartCount >= 2, 'two restarts');
    await box.ok(['rm', '-f', name]);
  });
});

test('internal restore brings back what has a policy after the engine lost its tasks', async () => {
  const [kept, stopped, none] = [box.name('kept'), box.name('stopped'), box.name('none')];
  await box.ok(['run', '-d', '--name', kept, '--restart', 'always', 'bb', ...idle]);
  await box.ok(['run', '-d', '--name', stopped, '--restart', 'unless-stopped', 'bb', ...idle]);
  await box.ok(['run', '-d', '--name', none, 'bb', ...idle]);
  await box.ok(['stop', stopped]);
  // A reboot, as far as containers go: engine, shims and monitors end at once.
  await box.containerd.kill('SIGKILL');
  const victims = [...(await pidsOf(/nerdctl-monitor/)), ...(await pidsOf(/containerd-shim/))];
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  await box.containerd.start();
  await box.ok(['internal', 'restore']);
  assert.equal((await look(kept)).State.Running, true);
  assert.equal((await look(stopped)).State.Running, false);
  await box.ok(['rm', '-f', kept, stopped, none]);
});
