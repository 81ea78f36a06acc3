import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive } from '../harness/alive.ts';
import { fetchPage, openBox, pidsOf } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';
import { runAsUser } from '../harness/other-user.ts';

const box = openBox(import.meta.url);
const config = '/etc/containerd/config.toml';
const log = '/var/log/nerdctl/containerd.log';
const pidFile = '/run/nerdctl/containerd.pid';
const own = () => Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
const shimsAndMonitors = () => pidsOf(/containerd-shim|nerdctl-monitor (fifo )?dir/);
const address = async (name: string) => (await box.inspect<ContainerJson>(name)).NetworkSettings.IPAddress;
const killContainerd = async () => {
  const pid = own();
  process.kill(pid, 'SIGKILL');
  await eventually(() => !isAlive(pid), 'containerd to end');
};

/** The engine of the lane, with its files, run by nobody: as on a machine without systemd. */
async function withoutEngine(work: () => Promise<void>): Promise<void> {
  await box.ok(['version']);
  await box.containerd.kill('SIGTERM');
  mkdirSync('/etc/containerd', { recursive: true });
  copyFileSync(join(box.lane.engineDir, 'config.toml'), config);
  try {
    await work();
  } finally {
    await box.nerdctl(['system', 'stop', '-t', '1']);
    rmSync(config);
    await box.containerd.start();
  }
}

test('what somebody else has started is left alone', async () => {
  const pid = box.containerd.pid();
  assert.equal(
    await box.ok(['system', 'start']),
    `containerd runs already: process ${pid}, socket /run/containerd/containerd.sock`,
  );
  await box.fails(['system', 'stop'], 1, /^containerd \(process \d+\) was not started by "nerdctl system start"\n$/);
  assert.match(await box.ok(['system', 'status']), new RegExp(`\ncontainerd +running +${pid} +- +/run/containerd/`));
  assert.equal(isAlive(pid), true);
});

test('start, run, stop: the containers come back with address, port and volume, and nothing stays in between', async () => {
  await withoutEngine(async () => {
    await box.fails(['ps'], 1, /: is containerd running\? Start it with "nerdctl system start", or name its socket/);
    assert.equal((await box.nerdctl(['system', 'status'])).code, 3);
    assert.equal(await box.ok(['system', 'stop']), 'containerd does not run');

    // Two at once: one starts it, the other finds it.
    const both = await Promise.all([box.ok(['system', 'start']), box.ok(['system', 'start'])]);
    assert.equal(both.filter((text) => text.startsWith(`containerd started as process ${own()}, `)).length, 1);
    assert.equal(both.filter((text) => text.startsWith(`containerd runs already: process ${own()}, `)).length, 1);
    assert.ok(both.every((text) => text.endsWith(`socket /run/containerd/containerd.sock, log ${log}`)));
    const [row] = (await box.ok(['system', 'status', '--format', 'json'])).split('\n');
    const { Name, Status, Pid, StartedBy, Log } = JSON.parse(row!);
    assert.deepEqual([Name, Status, Pid, StartedBy, Log], ['containerd', 'running', String(own()), 'nerdctl', log]);

    const [web, joins, stopped, plain] = [box.name('web'), box.name('joins'), box.name('stopped'), box.name('plain')];
    const signal = ['sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done'];
    await box.ok(['run', '-d', '--name', plain, '--stop-timeout', '1', 'bb', ...signal]);
    await box.ok(['run', '-d', '--name', web, '--restart', 'always', '-p', '8094:80', '-v', `${web}:/v`, 'web']);
    // Made after it, and older by name; it can only start when the other runs.
    const shares = ['--network', `container:${web}`, '--pid', `container:${web}`];
    await box.ok(['run', '-d', '--name', joins, '--restart', 'unless-stopped', ...shares, 'bb', ...idle]);
    await box.ok(['run', '-d', '--name', stopped, '--restart', 'unless-stopped', 'bb', ...idle]);
    await box.ok(['exec', web, 'touch', '/v/kept']);
    await box.ok(['stop', '-t', '0', stopped]);
    const before = await address(web);

    const told = await box.ok(['system', 'stop', '-t', '1']);
    assert.match(told, /^containers stopped: /);
    assert.deepEqual(told.split('\n')[0]!.split(' ').slice(2).sort(), [plain, web, joins].sort());
    assert.match(told, /\ncontainerd stopped \(process \d+\)$/);
    assert.deepEqual(await shimsAndMonitors(), []);
    assert.deepEqual(
      readdirSync('/run/nerdctl').filter((name) => name.endsWith('.pid')),
      [],
    );
    assert.equal((await box.nerdctl(['system', 'status'])).code, 3);

    const restored = (await box.ok(['system', 'start'])).split('\n')[1]!;
    assert.deepEqual(restored.split(' ').slice(2).sort(), [web, joins].sort());
    assert.equal(await address(web), before);
    assert.equal(await fetchPage(8094), 'hello from the page\n');
    await box.ok(['exec', web, 'test', '-e', '/v/kept']);
    const states = await box.ok(['ps', '-a', '--format', '{{.Names}} {{.State}}']);
    assert.deepEqual(
      states.split('\n').sort(),
      [`${joins} running`, `${web} running`, `${plain} exited`, `${stopped} exited`].sort(),
    );
    assert.equal(await box.ok(['logs', plain]), 'bye');

    // What was stopped since is not started by another `start`: this containerd has had its own.
    await box.ok(['stop', '-t', '0', joins, web]);
    assert.match(await box.ok(['system', 'start']), /^containerd runs already: [^\n]*$/);
    assert.equal(await box.ok(['ps', '-q']), '');
    await box.ok(['rm', '-f', web, joins, stopped, plain]);
    await box.ok(['volume', 'rm', web]);
  });
});

test('a killed containerd: start finds the containers, stop ends them all the same; --live-restore leaves them', async () => {
  await withoutEngine(async () => {
    const name = box.name();
    await box.ok(['system', 'start']);
    await box.ok(['run', '-d', '--name', name, '--restart', 'always', 'bb', ...idle]);
    const { Pid } = (await box.inspect<ContainerJson>(name)).State;

    await killContainerd();
    assert.match(await box.ok(['system', 'start']), /^containerd started as process \d+, [^\n]*$/);
    assert.match(await box.ok(['system', 'stop', '--live-restore']), /^containerd stopped \(process \d+\)$/);
    assert.equal(isAlive(Pid), true);
    await box.ok(['system', 'start']);
    assert.equal((await box.inspect<ContainerJson>(name)).State.Pid, Pid);

    await killContainerd();
    assert.equal(
      await box.ok(['system', 'stop', '-t', '0']).then((text) => text.split('\n')[0]),
      `containers stopped: ${name}`,
    );
    assert.deepEqual(await shimsAndMonitors(), []);

    // The PID of another process in the file is not believed, nor ended.
    writeFileSync(pidFile, `${process.pid}\n1\n`);
    assert.match(
      await box.ok(['system', 'start']),
      new RegExp(`^containerd started as process \\d+, .*\ncontainers started: ${name}$`),
    );
    await box.ok(['rm', '-f', name]);
  });
});

test('a containerd that does not start: the end of its log', async () => {
  await withoutEngine(async () => {
    writeFileSync(config, 'no = [such', { flag: 'w' });
    const sentence =
      /^containerd ended as soon as it was started \(exit status 1\)\. Its log, \S+, ends with:\n.*config\.toml/;
    const { stderr } = await box.fails(['system', 'start'], 1, sentence);
    assert.ok(stderr.split('\n').length <= 12, stderr);
    assert.equal((await box.nerdctl(['system', 'status'])).code, 3);
  });
});

test('BuildKit is started where it is installed; containers do without one that fails', async () => {
  await withoutEngine(async () => {
    const dir = join(box.dir, 'buildkit');
    mkdirSync(dir);
    const program = `#!${process.execPath}
      console.log(process.argv.slice(2).join(' '));
      const { mkdirSync } = require('fs');
      mkdirSync('/run/buildkit', { recursive: true });
      require('net').createServer().listen('/run/buildkit/buildkitd.sock');`;
    writeFileSync(join(dir, 'buildkitd'), '#!/bin/sh\necho not today >&2; exit 4\n', { mode: 0o755 });
    const env = { PATH: `${dir}:${process.env.PATH}` };
    const failed = await box.nerdctl(['system', 'start'], { env });
    assert.deepEqual([failed.code, /^containerd started as [^\n]*\n$/.test(failed.stdout)], [0, true], failed.stdout);
    assert.match(
      failed.stderr,
      /^buildkitd ended as soon as .*\(exit status 4\)\. Its log, \S+, ends with:\nnot today\n$/,
    );
    writeFileSync(join(dir, 'buildkitd'), program);
    assert.match(
      await box.ok(['system', 'start'], { env }),
      /\nbuildkitd started as process \d+, socket \S+, log \S+$/,
    );
    const args = `--oci-worker=false --containerd-worker=true --containerd-worker-namespace=${box.namespace} `;
    assert.equal(readFileSync('/var/log/nerdctl/buildkitd.log', 'utf8').split('\n')[1]!.slice(0, args.length), args);
    const names = await box.ok(['system', 'status', '--format', '{{.Name}} {{.Status}}']);
    assert.equal(names, 'containerd running\nbuildkitd running');
    assert.match(await box.ok(['system', 'stop']), /^buildkitd stopped \(process \d+\)\ncontainerd stopped/);
  });
});

test('for an ordinary user they are about the engine of the user', async () => {
  const status = await runAsUser(box, 1000, ['system', 'status']);
  assert.deepEqual([status.code, /^containerd is not running/.test(status.stdout)], [3, true], status.stderr);
  const stop = await runAsUser(box, 1000, ['system', 'stop', '--live-restore']);
  assert.match(stop.stderr, /^--live-restore is for the engine of root: /);
});
