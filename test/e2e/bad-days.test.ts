import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../harness/alive.ts';
import { openBox, pidsOf } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';
import { restartContainerd, userCannot } from '../harness/user.ts';

const box = openBox(import.meta.url);

/** After whatever happened: `rm -f` and a new `run` of the name work, and nothing of the old one remains. */
async function recovers(name: string): Promise<void> {
  const { code, stderr } = await box.nerdctl(['rm', '-vf', name]);
  assert.equal(code, 0, stderr);
  const again = ['run', '--rm', '--name', name, '-p', '8060:80', 'bb', 'echo', 'again'];
  assert.equal(await box.ok(again), 'again');
}

/** Moments of a command in milliseconds from its start: before the engine, in the middle, after the task's start. */
const moments = [40, 90, 140, 200, 270, 360];
const few = [70, 130, 200];

const up = (name: string) => box.ok(['run', '-d', '--name', name, '-p', '8060:80', '-v', '/data', 'bb', ...idle]);

interface Cut {
  prepare?: (name: string) => Promise<unknown>;
  command: (name: string, flags: string[]) => string[];
  moments: number[];
}

const cuts: Record<string, Cut> = {
  run: { command: (name, flags) => ['run', '--name', name, ...flags, 'bb', ...idle], moments },
  'run -d --rm': {
    command: (name, flags) => ['run', '-d', '--rm', '--name', name, ...flags, 'bb', 'true'],
    moments: few,
  },
  // Its monitor is started before the task, and waits for a shim that may never come.
  'run -i': { command: (name, flags) => ['run', '-i', '--name', name, ...flags, 'bb', 'cat'], moments: few },
  create: { command: (name, flags) => ['create', '--name', name, ...flags, 'bb'], moments: [70, 120] },
  start: {
    prepare: (name) => box.ok(['create', '--name', name, '-p', '8060:80', 'bb', ...idle]),
    command: (name) => ['start', name],
    moments: [70, 150],
  },
  stop: { prepare: up, command: (name) => ['stop', '-t', '0', name], moments: [30, 80, 140] },
  'rm -f': { prepare: up, command: (name) => ['rm', '-vf', name], moments: [30, 80, 140] },
  exec: { prepare: up, command: (name) => ['exec', name, 'sleep', '0.2'], moments: [90] },
};

describe('kill -9 of the command line', { concurrency: false }, () => {
  for (const [title, cut] of Object.entries(cuts)) {
    for (const moment of cut.moments) {
      test(`${moment} ms into ${title}`, async () => {
        await box.leavesNothing(async () => {
          const name = box.name();
          await cut.prepare?.(name);
          const command = box.start(cut.command(name, ['-p', '8060:80', '-v', '/data']));
          await delay(moment);
          command.kill('SIGKILL');
          await command.result;
          await recovers(name);
          assert.equal(await box.ok(['volume', 'ls', '-q']), '', 'nameless volumes');
        });
      });
    }
  }
});

test('how a run has ended survives kill -9 of stop', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    const script = 'trap "exit 9" TERM; echo up; while :; do sleep 0.02; done';
    for (const moment of [90, 120, 150]) {
      const run = box.start(['run', '--name', name, '-p', '8060:80', 'bb', 'sh', '-c', script]);
      await run.says(/up/);
      run.kill('SIGKILL');
      const stop = box.start(['stop', name]);
      await delay(moment);
      stop.kill('SIGKILL');
      await stop.result;
      // Whether it had come so far or not.
      await box.ok(['stop', name]);
      const { State } = await box.inspect<ContainerJson>(name);
      assert.deepEqual([State.Status, State.ExitCode], ['exited', 9], `${moment} ms`);
      await box.ok(['rm', name]);
    }
  });
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

test('kill -9 of the monitor and its parent: the end is noticed all the same, and its port is free', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, '-p', '8060:80', 'bb', 'sh', '-c', 'sleep 0.5; exit 5']);
    for (const pid of await pidsOf(/nerdctl-monitor dir/)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    assert.equal(await box.ok(['wait', name]), '5');
    assert.match(await box.ok(['ps', '-a', '--format', '{{.Status}}']), /^Exited \(5\)/);
    await box.ok(['run', '--rm', '-p', '8060:80', 'bb', 'true']);
    assert.equal((await box.inspect<ContainerJson>(name)).State.ExitCode, 5);
    await box.ok(['start', name]);
    await recovers(name);
  });
});

test('the port of a container is free once it has ended, while its monitor gives it back', async () => {
  await box.leavesNothing(async () => {
    for (const moment of [0, 5, 10, 15, 20, 30, 40]) {
      const name = box.name();
      await box.ok(['run', '-d', '--name', name, '-p', '8060:80', 'bb', 'sleep', '0.2']);
      await box.ok(['wait', name]);
      await delay(moment);
      assert.equal(await box.ok(['run', '--rm', '-p', '8060:80', 'bb', 'echo', 'free']), 'free');
      await box.ok(['rm', name]);
    }
  });
});

for (const [title, count] of [
  ['worker', -1],
  ['monitor and its parent', 0],
] as const) {
  test(`kill -9 of the ${title} of a foreground run: its exit code arrives`, async () => {
    await box.leavesNothing(async () => {
      for (const flags of [[], ['-i']]) {
        const run = box.start(['run', '--rm', ...flags, 'bb', 'sh', '-c', 'echo a; sleep 0.4; echo b; exit 7']);
        await run.says(/a/);
        for (const pid of (await pidsOf(/nerdctl-monitor (fifo )?dir/)).slice(count)) {
          if (isAlive(pid)) process.kill(pid, 'SIGKILL');
        }
        const { code, stdout } = await run.result;
        assert.equal(code, 7);
        if (count !== 0) assert.equal(stdout, 'a\nb\n');
      }
    });
  });
}

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

describe('kill -9 of containerd', { concurrency: false, skip: userCannot(restartContainerd) }, () => {
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

  test('a foreground run keeps its output and its exit code', async () => {
    await box.leavesNothing(async () => {
      const run = box.start(['run', '--rm', '-p', '8062:80', 'bb', 'sh', '-c', 'echo a; sleep 2.5; echo b; exit 7']);
      await run.says(/a/);
      await delay(200);
      await box.containerd.kill('SIGKILL');
      await delay(1000);
      await box.containerd.start();
      assert.deepEqual(await run.result, { code: 7, stdout: 'a\nb\n', stderr: '' });
    });
  });

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
  const script = 'trap "exit 42" INT TERM HUP; echo up; while :; do sleep 0.05; done';
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [i, moment] of moments.entries()) {
    const signal = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const)[i % 3]!;
    test(`${signal} at ${moment} ms`, async () => {
      await box.leavesNothing(async () => {
        const run = box.start(['run', '--rm', '-p', '8063:80', '-v', '/data', 'bb', 'sh', '-c', script]);
        await delay(moment);
        run.kill(signal);
        const early = await Promise.race([run.result, delay(2_000)]);
        // A process that has just begun has no trap yet, and drops the signal.
        if (!early) run.kill('SIGTERM');
        const { code, stdout, stderr } = await run.result;
        assert.equal(stderr, '');
        assert.ok(stdout === '' ? [codes[signal], 42].includes(code) : code === 42, `${code} ${stdout}`);
        assert.equal(await box.ok(['ps', '-aq']), '');
      });
    });
  }

  test('three at once end it, and the next command puts away what is left', async () => {
    for (const moment of [100, 160, 220]) {
      await box.leavesNothing(async () => {
        const name = box.name();
        const run = box.start(['run', '--name', name, '-p', '8060:80', 'bb', ...idle]);
        await delay(moment);
        for (let i = 0; i < 3; i++) {
          run.kill('SIGINT');
          await delay(5);
        }
        // What has started has got them all.
        await Promise.race([run.result, delay(1_000)]);
        run.kill('SIGKILL');
        await recovers(name);
      });
    }
  });
});

test('a containerd that does not answer: ctrl-c ends what waits for it', {
  skip: userCannot(restartContainerd),
}, async () => {
  process.kill(box.containerd.pid(), 'SIGSTOP');
  try {
    for (const args of [['ps'], ['run', '--rm', 'bb', 'true'], ['rm', '-f', 'x']]) {
      const command = box.start(args);
      await delay(300);
      command.kill('SIGINT');
      assert.deepEqual(await command.result, { code: 130, stdout: '', stderr: '' });
    }
  } finally {
    process.kill(box.containerd.pid(), 'SIGCONT');
  }
});

test('CNI plugins that are missing, broken or hang: one sentence, and what they leave is put away later', async () => {
  const dir = join(box.dir, 'cni');
  mkdirSync(dir);
  const env = { CNI_PATH: dir };
  const plugin = (script: string) => {
    for (const name of ['bridge', 'portmap', 'firewall', 'tuning']) {
      writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
  };
  const run = ['run', '--rm', '-p', '8060:80', 'bb', 'true'];
  await box.leavesNothing(async () => {
    await box.fails(run, 125, /CNI plugin "bridge" not found in \S+: install the package/, { env });
  });
  await box.leavesNothing(async () => {
    plugin('echo no such thing >&2; exit 3');
    await box.fails(run, 125, /CNI plugin "bridge" \(\S+\) exited with code 3 on ADD: no such thing/, { env });
    plugin('exec sleep 100');
    const hanging = box.start(run, { env });
    await eventually(async () => (await pidsOf(/sleep 100/)).length > 0, 'the plugin to hang');
    hanging.kill('SIGINT');
    assert.deepEqual(await hanging.result, { code: 130, stdout: '', stderr: '' });
    // A DEL that has failed is not tried again at once.
    await delay(2_000);
    await box.ok(run);
  });
});
