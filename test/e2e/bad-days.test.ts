import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, openBox, pidsOf } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';

const box = openBox(import.meta.url);

/** After whatever happened: `rm -f` and a new `run` of the name work, and nothing of the old one remains. */
async function recovers(name: string): Promise<void> {
  await box.nerdctl(['rm', '-f', name]);
  assert.equal(await box.ok(['run', '--rm', '--name', name, 'bb', 'echo', 'again']), 'again');
}

/** Moments of a command in milliseconds from its start: before the engine, in the middle, after the task's start. */
const moments = [30, 60, 90, 120, 160, 200, 260, 330, 420];

describe('kill -9 of the command line', { concurrency: false }, () => {
  for (const moment of moments) {
    test(`${moment} ms into run`, async () => {
      await box.leavesNothing(async () => {
        const name = box.name();
        const run = box.start(['run', '--name', name, '-p', '8060:80', '-v', '/anonymous', 'bb', ...idle]);
        await delay(moment);
        run.kill('SIGKILL');
        await run.result;
        await recovers(name);
        await box.nerdctl(['volume', 'prune', '-af']);
      });
    });
  }

  for (const moment of [20, 60, 100, 150]) {
    for (const verb of [
      ['stop', '-t', '1'],
      ['rm', '-f'],
    ]) {
      test(`${moment} ms into ${verb[0]}`, async () => {
        await box.leavesNothing(async () => {
          const name = box.name();
          await box.ok(['run', '-d', '--name', name, '-p', '8061:80', 'bb', ...idle]);
          const command = box.start([...verb, name]);
          await delay(moment);
          command.kill('SIGKILL');
          await command.result;
          await recovers(name);
        });
      });
    }
  }
});

test('kill -9 of the monitor: the container lives, its log goes on', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    const id = await box.ok([
      'run',
      '-d',
      '--name',
      name,
      'bb',
      'sh',
      '-c',
      'i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done',
    ]);
    const monitors = await pidsOf(/nerdctl-monitor/);
    assert.ok(monitors.length > 0, 'there is a monitor');
    process.kill(monitors.at(-1)!, 'SIGKILL');
    const { Pid } = (await box.inspect<ContainerJson>(id)).State;
    const before = (await box.ok(['logs', name])).split('\n').length;
    await eventually(async () => (await box.ok(['logs', name])).split('\n').length > before + 3, 'the log to go on');
    assert.ok(isAlive(Pid));
    await recovers(name);
  });
});

test('kill -9 of the monitor and its parent: rm -f still removes everything', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
    for (const pid of await pidsOf(/nerdctl-monitor/)) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
    await recovers(name);
  });
});

test('kill -9 of the shim: the container is gone, rm -f and run work', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
    const { Pid } = (await box.inspect<ContainerJson>(name)).State;
    for (const pid of await pidsOf(/containerd-shim-runc-v2/)) process.kill(pid, 'SIGKILL');
    if (isAlive(Pid)) process.kill(Pid, 'SIGKILL');
    await recovers(name);
  });
});

describe('kill -9 of containerd', { concurrency: false }, () => {
  for (const moment of [40, 90, 150, 220, 300]) {
    test(`${moment} ms into run`, async () => {
      await box.leavesNothing(async () => {
        const name = box.name();
        const run = box.start(['run', '-d', '--name', name, '-p', '8062:80', 'bb', ...idle]);
        await delay(moment);
        await box.containerd.kill('SIGKILL');
        const result = await run.result;
        if (result.code !== 0) assert.match(result.stderr, /containerd/);
        assert.doesNotMatch(result.stderr, /\n\s+at /);
        await box.containerd.start();
        await recovers(name);
      });
    });
  }

  for (const verb of [
    ['stop', '-t', '1'],
    ['rm', '-f'],
  ]) {
    test(`during ${verb[0]}`, async () => {
      await box.leavesNothing(async () => {
        const name = box.name();
        await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
        const command = box.start([...verb, name]);
        await delay(70);
        await box.containerd.kill('SIGKILL');
        await command.result;
        await box.containerd.start();
        await recovers(name);
      });
    });
  }

  test('a running container lives through it', async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
    const { Pid } = (await box.inspect<ContainerJson>(name)).State;
    await box.containerd.kill('SIGKILL');
    await box.containerd.start();
    const { State } = await box.inspect<ContainerJson>(name);
    assert.deepEqual([State.Running, State.Pid], [true, Pid]);
    assert.equal(await box.ok(['exec', name, 'echo', 'still']), 'still');
    await box.ok(['rm', '-f', name]);
  });
});

describe('ctrl-c at each stage of run', { concurrency: false }, () => {
  for (const moment of moments) {
    test(`${moment} ms`, async () => {
      await box.leavesNothing(async () => {
        const run = box.start(['run', '--rm', '-p', '8063:80', 'bb', ...idle]);
        await delay(moment);
        run.kill('SIGINT');
        // A container that has started gets the signal; this one ignores SIGINT as process 1 of a shell without a trap.
        await delay(300);
        run.kill('SIGTERM');
        const result = await run.result;
        assert.doesNotMatch(result.stderr, /\n\s+at /);
      });
    });
  }
});
