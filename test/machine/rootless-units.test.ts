import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../harness/eventually.ts';
import { testImages } from '../harness/images.ts';
import { lacksMachine, openMachine } from '../harness/nspawn.ts';

const cache = fileURLToPath(new URL('../../.cache/engines', import.meta.url));
const tool = 'containerd-rootless-setuptool.sh';
const home = '/home/user';

test('without root, as a unit: installed, stopped, back after a crash and a reboot, uninstalled', {
  skip: lacksMachine(),
}, async () => {
  const { archive } = await testImages(cache);
  const machine = await openMachine({}, [`--bind-ro=${archive}:/images.tar`]);
  assert.ok(!('missing' in machine), (machine as { missing?: string }).missing);
  let env: string[] = [];
  const asUser = (...args: string[]) => machine.run(['env', '-i', ...env, ...args], { user: 'user' });
  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await asUser(...args);
    assert.equal(code, 0, `${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout.trimEnd();
  };
  const systemctl = (...args: string[]) => ok('systemctl', '--user', ...args);
  const pid = () => systemctl('show', '-p', 'MainPID', '--value', 'containerd.service');
  const isRunning = async () => (await asUser(tool, 'status')).code === 0;
  const processes = async () => {
    const { stdout } = await asUser('ps', '-u', 'user', '-o', 'stat=,args=');
    return stdout.split('\n').filter((line) => !/^$|^Z| ps -u |systemd --user|\(sd-pam\)|dbus-daemon/.test(line));
  };
  try {
    await machine.boot();
    await machine.ok(['useradd', '--create-home', '--shell', '/bin/sh', 'user']);
    const uid = await machine.ok(['id', '-u', 'user']);
    const runtime = `/run/user/${uid}`;
    env = [`HOME=${home}`, 'USER=user', 'PATH=/usr/local/bin:/usr/bin:/bin', `XDG_RUNTIME_DIR=${runtime}`];

    // Nobody has logged in: what a shell of su sees.
    await machine.ok(['mkdir', '-p', '/run/user']);
    const early = await machine.run(['env', '-i', ...env.slice(0, 3), tool, 'install'], { user: 'user' });
    assert.match(early.stderr, /your systemd does not answer here, as in a shell of su or sudo: log in as user /);
    assert.equal(early.code, 1);
    // The machine's systemd, which such a shell does see, makes no cgroups for it. As a service it is in a cgroup of
    // the machine's, which the shim wants to read, and what it starts in the background goes on.
    const service = ['systemd-run', '--quiet', '--wait', '--pipe', '--uid=user', '--property=KillMode=process'];
    const alone = async (...args: string[]) => {
      const { code, stdout, stderr } = await machine.run([...service, 'env', '-i', ...env.slice(0, 3), ...args]);
      assert.equal(code, 0, `${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
      return stdout.trimEnd();
    };
    await alone(tool, 'install', '--no-systemd');
    assert.equal(await alone('nerdctl', 'info', '-f', '{{.CgroupDriver}}'), 'none');
    await alone('nerdctl', 'load', '-q', '-i', '/images.tar');
    assert.equal(await alone('nerdctl', 'run', '--rm', 'bb', 'echo', 'x'), 'x');
    await alone(tool, 'uninstall');

    // logind wants to know the cgroup of who asks, and a command from outside has none.
    await machine.ok(['systemd-run', '--quiet', '--wait', 'loginctl', 'enable-linger', 'user']);
    await eventually(
      async () => (await asUser('systemctl', '--user', 'is-system-running')).code === 0,
      'the user manager',
    );
    assert.match(await ok(tool, 'install'), /is running, as containerd.service of your systemd \(PID \d+\)/);
    const first = await pid();
    await ok(tool, 'install', '--quiet');
    assert.equal(await pid(), first, 'a second install changes nothing');
    const reload = await asUser('systemctl', '--user', 'reload', 'containerd.service');
    assert.match(reload.stderr, /reload is not applicable/);
    assert.equal(await pid(), first, 'containerd has nothing to reload, and would end');
    const units = ['containerd', 'nerdctl-restore'].map((name) => `${home}/.config/systemd/user/${name}.service`);
    const verified = await asUser('systemd-analyze', '--user', '--man=no', 'verify', ...units);
    assert.deepEqual([verified.stdout, verified.stderr, verified.code], ['', '', 0]);

    await ok('nerdctl', 'load', '-q', '-i', '/images.tar');
    const own = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service`;
    const isDelegated = /\bmemory\b/.test(await ok('cat', `${own}/cgroup.controllers`));
    const limited = await asUser('nerdctl', 'run', '--rm', '-m', '64m', 'bb', 'cat', '/sys/fs/cgroup/memory.max');
    if (isDelegated) assert.equal(limited.stdout, '67108864\n', limited.stderr);
    else {
      assert.match(limited.stderr, /^WARNING: Your kernel does not support memory limit capabilities /);
      assert.match(await ok(tool, 'check'), /^note: this kernel has no such cgroup controllers, .*: cpu memory pids$/m);
    }
    await ok('nerdctl', 'run', '-d', '--name', 'plain', '--stop-timeout', '1', 'bb', 'sleep', '1000');
    await ok(tool, 'stop');
    assert.deepEqual(await processes(), []);
    assert.equal((await asUser(tool, 'status')).code, 3);
    await ok(tool, 'start', '--quiet');
    await ok('nerdctl', 'rm', 'plain');

    const always = ['--restart', 'always', '--stop-timeout', '1'];
    await ok('nerdctl', 'run', '-d', '--name', 'back', ...always, '-p', '8080:80', 'web');
    const isBack = async () => /hello from the page/.test((await machine.run(['curl', '-s', 'localhost:8080'])).stdout);
    await eventually(isBack, 'the page');
    const killed = await pid();
    await ok('kill', '-9', killed);
    await eventually(async () => (await isRunning()) && (await pid()) !== killed, 'the unit to start again');
    await eventually(isBack, 'the page after a crash');

    await machine.powerOff();
    await machine.boot();
    await eventually(isBack, 'the page after a reboot', 30_000);
    assert.equal(await ok('nerdctl', 'ps', '--format', '{{.Names}}'), 'back');

    await ok(tool, 'uninstall');
    assert.deepEqual(await processes(), []);
    const found = await ok('sh', '-c', 'cd && find .config .local -path .local/share -prune -o -print');
    assert.doesNotMatch(found, /rootless|nerdctl-restore|\.service/);
    assert.doesNotMatch(await ok('ls', runtime), /containerd/);
  } finally {
    await machine.remove();
  }
});
