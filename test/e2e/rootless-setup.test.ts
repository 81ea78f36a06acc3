import assert from 'node:assert/strict';
import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive } from '../harness/alive.ts';
import { eventually } from '../harness/eventually.ts';
import { laneFromEnv } from '../harness/lane-env.ts';
import type { Result } from '../harness/program.ts';
import { lacksRootless, makeRootlessUser, type RootlessUser } from '../harness/rootless-user.ts';

const skip = lacksRootless();

/** All of the user's processes, but for the one that asks and those that only wait for their parent. */
async function processesOf(user: RootlessUser): Promise<string[]> {
  const { stdout } = await user.run('ps', ['-u', String(user.uid), '-o', 'stat=,args=']);
  return stdout.split('\n').filter((line) => line !== '' && !/^Z| ps -u /.test(line));
}

function succeeded(result: Result): string {
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result.stdout;
}

const ctr = async (user: RootlessUser, ...args: string[]) =>
  succeeded(await user.setuptool(['nsenter', '--', 'ctr', ...args]));

async function runSleeper(user: RootlessUser, id: string): Promise<void> {
  const plain = ['--cgroup', '', '--cpu-shares', '0'];
  await ctr(user, 'image', 'import', user.seen(laneFromEnv().archive));
  await ctr(user, 'run', '-d', ...plain, 'docker.io/library/bb:latest', id, 'sleep', '1000');
}

test('started without systemd, stopped with all its containers, started again', { skip }, async () => {
  const user = makeRootlessUser({ rootlesskit: 1 });
  try {
    assert.match(succeeded(await user.setuptool(['start'])), /is running, as a process of its own \(PID \d+\)/);
    await runSleeper(user, 'sleeper');
    assert.match(await ctr(user, 'task', 'ls'), /sleeper .* RUNNING/);
    // A second start finds it running and changes nothing.
    const before = succeeded(await user.setuptool(['status']));
    assert.equal(succeeded(await user.setuptool(['start'])), before);

    const stop = Date.now();
    succeeded(await user.setuptool(['stop']));
    assert.ok(Date.now() - stop < 4_000, 'a container that does not listen to SIGTERM is not waited for');
    assert.deepEqual(await processesOf(user), []);
    assert.equal((await user.setuptool(['status'])).code, 3);
    succeeded(await user.setuptool(['stop']));

    for (let i = 0; i < 2; i++) {
      succeeded(await user.setuptool(['restart', '--quiet']));
      assert.doesNotMatch(await ctr(user, 'task', 'ls'), /sleeper/);
    }
    assert.match(succeeded(await user.setuptool(['logs', '-n', '1'])), /successfully booted/);
  } finally {
    await user.remove();
  }
});

test('killed, it is started anew without what it left; two starts at once are one', { skip }, async () => {
  const user = makeRootlessUser({ rootlesskit: 2, homeName: 'a home' });
  try {
    const [one, two] = await Promise.all([user.setuptool(['start']), user.setuptool(['start'])]);
    assert.equal(succeeded(one), succeeded(two));
    assert.match(one.stdout, /a home\/.local/);
    assert.ok(lstatSync(join(user.runtimeDir, 'containerd-rootless/netns')), 'RootlessKit 2 detaches the network');
    await runSleeper(user, 'sleeper');

    const pid = Number(readFileSync(join(user.runtimeDir, 'containerd-rootless.pid'), 'utf8').split(' ')[0]);
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid), 'RootlessKit to end');
    assert.match(succeeded(await user.setuptool(['start'])), /is running/);
    assert.doesNotMatch((await processesOf(user)).join('\n'), /sleep 1000|shim/);
    assert.doesNotMatch(await ctr(user, 'task', 'ls'), /sleeper/);
  } finally {
    await user.remove();
  }
});

test('without XDG_RUNTIME_DIR a directory of its own is made', { skip }, async () => {
  const user = makeRootlessUser();
  const without = { env: { XDG_RUNTIME_DIR: undefined, TMPDIR: user.home } };
  try {
    assert.match(succeeded(await user.setuptool(['start'], without)), /is running/);
    const dir = join(user.home, `containerd-rootless-${user.uid}`);
    assert.equal(lstatSync(dir).mode & 0o777, 0o700);
    succeeded(await user.setuptool(['stop'], without));
    assert.deepEqual(await processesOf(user), []);
    rmSync(dir, { recursive: true });
    // In a shared directory the name may be somebody else's.
    succeeded(await user.run('ln', ['-s', '/tmp', dir]));
    const refused = await user.setuptool(['start'], without);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is not a directory of your own/);
  } finally {
    await user.remove();
  }
});
