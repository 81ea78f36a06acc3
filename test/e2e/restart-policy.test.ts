import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive } from '../harness/alive.ts';
import { fetchPage, openBox, pidsOf } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';
import { restartContainerd, userCannot } from '../harness/user.ts';

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

test('internal restore brings back what has a policy after the engine lost its tasks', {
  skip: userCannot(restartContainerd),
}, async () => {
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

/** What a power cut takes: processes, mounts, cgroups, interfaces, rules, everything below /run. */
async function powerCut(): Promise<void> {
  await box.containerd.kill('SIGKILL');
  for (const pattern of [/nerdctl-monitor (fifo )?dir/, /containerd-shim/]) {
    for (let pids = await pidsOf(pattern); pids.length > 0; pids = await pidsOf(pattern)) {
      for (const pid of [...pids.flatMap(childrenOf), ...pids]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  }
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  for (const point of mounts.filter(
    (path) => /^\/run\/netns\/|\.v2\.task\/|\/shm$/.test(path) && path !== '/dev/shm',
  )) {
    spawnSync('umount', ['-l', point]);
  }
  for (const name of readdirSync('/run/netns')) rmSync(join('/run/netns', name));
  for (const dir of ['/run/nerdctl', '/run/containerd/runc', '/run/containerd/state', '/run/containerd/s']) {
    rmSync(dir, { recursive: true, force: true });
  }
  const script = `
    for link in $(ip -o link | sed -n 's/^[0-9]*: \\(veth[^@:]*\\|nerdctl0\\).*/\\1/p'); do ip link del $link 2>/dev/null || :; done
    iptables -t nat -F; iptables -t nat -X; iptables -F; iptables -X
    find /sys/fs/cgroup -depth -path '*/${box.namespace}/*' -type d -exec rmdir {} + 2>/dev/null || :
    # The kernel's boot ID is the same: the addresses are given another.
    sed -i 's/"Boot":"[^"]*"/"Boot":"earlier"/' /var/lib/nerdctl/*/etchosts/${box.namespace}/*/meta.json`;
  execFileSync('sh', ['-c', script]);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

test('internal restore after a reboot: what docker would start, with its ports and volumes; addresses of the others freed', {
  skip: userCannot(restartContainerd),
}, async () => {
  await box.leavesNothing(async () => {
    const start = async (stem: string, ...rest: string[]) => {
      const name = box.name(stem);
      await box.ok(['run', '-d', '--name', name, ...rest]);
      return name;
    };
    const volume = box.name('vol');
    const always = await start('always', '--restart', 'always', '-p', '8091:80', '-v', `${volume}:/v`, 'web');
    const stopped = await start('stopped', '--restart', 'always', 'bb', ...idle);
    const unless = await start('unless', '--restart', 'unless-stopped', '--ipc', 'shareable', 'bb', ...idle);
    const unlessStopped = await start('unless-stopped', '--restart', 'unless-stopped', 'bb', ...idle);
    const failing = await start('failing', '--restart', 'on-failure', 'bb', ...idle);
    const done = await start('done', '--restart', 'on-failure', 'bb', 'true');
    const none = await start('none', '-p', '8092:80', 'bb', ...idle);
    await start('removed', '--rm', '-p', '8093:80', '-v', '/data', 'bb', ...idle);
    await box.ok(['exec', always, 'touch', '/v/kept']);
    await box.ok(['stop', '-t', '0', stopped, unlessStopped]);
    await eventually(async () => (await look(done)).State.Status === 'exited', 'the end of one');

    await powerCut();
    await box.containerd.start();
    await box.ok(['internal', 'restore']);

    const running = (await box.ok(['ps', '--format', '{{.Names}}'])).split('\n').sort();
    assert.deepEqual(running, [always, stopped, unless, failing].sort());
    assert.equal(await fetchPage(8091), 'hello from the page\n');
    await box.ok(['exec', always, 'test', '-e', '/v/kept']);
    const all = (await box.ok(['ps', '-a', '--format', '{{.Names}} {{.Status}}'])).split('\n');
    assert.equal(all.length, 7);
    assert.ok(all.some((line) => line.startsWith(`${none} Exited (255)`)));
    const leases = readdirSync('/var/lib/cni/networks/bridge').filter((name) => /^\d/.test(name));
    assert.equal(leases.length, 4);
    await box.ok(['run', '--rm', '-p', '8092:80', '-p', '8093:80', 'bb', 'true']);
    await box.ok(['rm', '-vf', always, stopped, unless, unlessStopped, failing, done, none]);
    await box.ok(['volume', 'rm', volume]);
    assert.equal(await box.ok(['volume', 'ls', '-q']), '');
  });
});
