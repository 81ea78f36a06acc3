import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../harness/alive.ts';
import { eventually } from '../harness/eventually.ts';
import { laneFromEnv } from '../harness/lane-env.ts';
import { type Result, run } from '../harness/program.ts';
import { lacksRootless, makeRootlessUser, type RootlessUser } from '../harness/rootless-user.ts';

const skip = lacksRootless();
/** What does not depend on the engine is tried with one of them. */
const once = skip ?? (/^v?1\.6/.test(laneFromEnv().source.version) ? undefined : 'the same on every containerd');
const setuptool = fileURLToPath(new URL('../../rootless/containerd-rootless-setuptool.sh', import.meta.url));

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
    await user.run('pkill', ['-KILL', '-u', String(user.uid), 'slirp4netns']);
    const cut = await user.setuptool(['status']);
    assert.match(cut.stdout, /do not reach the outside: slirp4netns was killed\. `\S+ restart` mends it/);
    assert.equal(cut.code, 3);

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

    const nerdctl = async (...args: string[]) => succeeded(await user.nerdctl(args)).trim();
    await nerdctl('run', '-d', '--name', 'back', '--restart', 'always', '--stop-timeout', '1', 'bb', 'sleep', '2000');

    const pid = Number(readFileSync(join(user.runtimeDir, 'containerd-rootless.d/containerd'), 'utf8').split(' ')[0]);
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid), 'RootlessKit to end');
    assert.match(succeeded(await user.setuptool(['start'])), /is running/);
    assert.doesNotMatch((await processesOf(user)).join('\n'), /sleep 1000/);
    assert.doesNotMatch(await ctr(user, 'task', 'ls'), /sleeper/);
    // What has a restart policy is there again, after an orderly end too.
    assert.equal(await nerdctl('ps', '--format', '{{.Names}}'), 'back');
    succeeded(await user.setuptool(['restart']));
    assert.equal(await nerdctl('ps', '--format', '{{.Names}}'), 'back');
  } finally {
    await user.remove();
  }
});

/** The machine's programs but one. */
function programsWithout(user: RootlessUser, name: string): string {
  const dir = mkdtempSync(join(user.bin, '../without-'));
  chmodSync(dir, 0o755);
  for (const place of ['/usr/bin', user.bin, ...laneFromEnv().source.path.split(':').map(user.seen)]) {
    for (const program of existsSync(place) ? readdirSync(place) : []) {
      if (program !== name && !existsSync(join(dir, program))) symlinkSync(join(place, program), join(dir, program));
    }
  }
  return dir;
}

test('check names everything that is missing, and a command that mends it', { skip: once }, async () => {
  const user = makeRootlessUser({ name: 'CORP\\anna' });
  const check = (env: Record<string, string> = {}) => user.setuptool(['check'], { env });
  const sudo = (command = '') => execFileSync('sh', ['-c', command.replaceAll('sudo ', '')]);
  try {
    assert.match(succeeded(await check()), /Everything that is needed is here\.\n$/);
    const refused = await run(user.seen(setuptool), ['install']);
    assert.match(refused.stderr, /run it as that user and without sudo/);
    assert.equal(refused.code, 1);

    for (const [program, mended] of [
      ['rootlesskit', 'rootlesskit'],
      ['newuidmap', 'uidmap'],
      ['containerd', 'containerd'],
      ['slirp4netns', 'slirp4netns'],
      ['flock', 'util-linux'],
    ] as const) {
      const { code, stdout } = await check({ PATH: programsWithout(user, program) });
      assert.match(stdout, new RegExp(`^missing: ${program} is not installed\n    sudo .* ${mended}$`, 'm'));
      assert.match(stdout, /\n1 thing to mend; then run this again\.\n$/);
      assert.equal(code, 1);
    }

    // What the command says is done, and it is mended.
    const breakages = [
      { by: 'chmod 600 /dev/net/tun', says: /^missing: \/dev\/net\/tun may not be opened by you\n {4}(sudo .*)$/m },
      {
        by: 'sed -i /anna:/d /etc/subuid',
        says: /^missing: CORP\\anna has no 65536 subordinate user and group ids .*\n {4}(sudo .*)$/m,
      },
      {
        // Fewer than that are not enough, and what another user has is not given to this one.
        by: 'sed -i s/:65536$/:1000/ /etc/subuid /etc/subgid; echo other:300000:65536 >>/etc/subuid',
        says: /^missing: .* ids .*\n {4}(sudo usermod --add-subuids 365536-431071 --add-subgids 365536-431071 .*)$/m,
      },
    ];
    for (const { by, says } of breakages) {
      sudo(by);
      const { code, stdout } = await check();
      assert.equal(code, 1);
      assert.match(stdout, says);
      sudo(says.exec(stdout)?.[1]);
      succeeded(await check());
    }

    const long = join(user.home, 'x'.repeat(90));
    succeeded(await user.run('mkdir', [long]));
    assert.match((await check({ XDG_RUNTIME_DIR: long })).stdout, /missing: the path of a socket would be too long/);
    const notOurs = await check({ XDG_RUNTIME_DIR: '/sys' });
    assert.match(notOurs.stderr, /XDG_RUNTIME_DIR is \/sys, where you cannot write/);
    // install looks first.
    const install = await user.setuptool(['install'], { env: { PATH: programsWithout(user, 'rootlesskit') } });
    assert.match(install.stdout, /missing: rootlesskit/);
    assert.equal(install.code, 1);
  } finally {
    await user.remove();
  }
});

test('installed without systemd, with settings that stay; uninstalled, nothing but data is left', {
  skip: once,
}, async () => {
  const user = makeRootlessUser({ homeName: 'a "home"' });
  const files = async () => (await user.run('find', [user.home, user.runtimeDir])).stdout;
  const profile = () => readFileSync(join(user.home, '.profile'), 'utf8');
  try {
    const before = profile();
    const installed = succeeded(
      await user.setuptool(['install', '--no-systemd', '--autostart'], {
        env: { CONTAINERD_ROOTLESS_ROOTLESSKIT_MTU: '1400' },
      }),
    );
    assert.match(installed, /To use it:\n {2}nerdctl run/);
    // The second changes nothing.
    assert.equal(succeeded(await user.setuptool(['install', '--autostart'])), installed);
    assert.equal(profile().match(/start --quiet/g)?.length, 1);
    succeeded(await user.setuptool(['stop']));
    // What a log-in does.
    succeeded(await user.run('sh', ['-c', '. ~/.profile']));
    assert.match((await processesOf(user)).join('\n'), /^\S+ +rootlesskit .*--mtu=1400 /m);

    assert.match(succeeded(await user.setuptool(['uninstall'])), /still in\n {2}.*\/containerd\n/);
    assert.deepEqual(await processesOf(user), []);
    assert.equal(profile(), before);
    assert.doesNotMatch(await files(), /rootless|systemd|\/run\/.|\.log/);
    succeeded(await user.setuptool(['uninstall']));
  } finally {
    await user.remove();
  }
});

test('without XDG_RUNTIME_DIR a directory of its own is made; in the network of the machine', {
  skip: once,
}, async () => {
  const user = makeRootlessUser();
  const own = { CONTAINERD_ROOTLESS_ROOTLESSKIT_NET: 'host' };
  const without = { env: { XDG_RUNTIME_DIR: undefined, TMPDIR: user.home, ...own } };
  try {
    assert.match(succeeded(await user.setuptool(['start'], without)), /is running/);
    const dir = join(user.home, `containerd-rootless-${user.uid}`);
    assert.equal(lstatSync(dir).mode & 0o777, 0o700);
    const nerdctl = (...args: string[]) => user.nerdctl(args, without);
    succeeded(await nerdctl('load', '-i', user.seen(laneFromEnv().archive)));
    assert.match(succeeded(await nerdctl('run', '--rm', '--network', 'host', 'bb', 'cat', '/proc/net/dev')), /lan0:/);
    const { stderr } = await nerdctl('run', '--rm', 'bb', 'true');
    assert.match(stderr, /it is the machine's \(\w+=host\), where a user has only --network host and none/);
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

test('what a supervisor has started is seen, and left to it; a failure shows its own log alone', {
  skip: once,
}, async () => {
  const user = makeRootlessUser();
  const refused = async (args: string[], sentence: RegExp, env = {}) => {
    const { code, stderr } = await user.setuptool(args, { env });
    assert.match(stderr, sentence);
    assert.equal(code, 1);
  };
  try {
    const supervised = user.start(user.seen(setuptool).replace('-setuptool', ''), ['--log-level', 'error']);
    await eventually(async () => (await user.setuptool(['status'])).code === 0, 'containerd in the foreground');
    assert.match(succeeded(await user.setuptool(['start'])), /is running, started by something else \(PID \d+\)/);
    await refused(['stop'], /was started by something else \(PID \d+\), which has to end it/);
    supervised.kill('SIGTERM');
    await supervised.result;
    succeeded(await user.setuptool(['start']));
    succeeded(await user.setuptool(['stop']));
    const own =
      /containerd\.log:\n {2}containerd-rootless\.sh: detached network namespaces need RootlessKit 2 or newer; this is [^\n]*\n$/;
    await refused(['start'], own, { CONTAINERD_ROOTLESS_ROOTLESSKIT_DETACH_NETNS: 'true' });
  } finally {
    await user.remove();
  }
});
