import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { MonitorConf } from '../../../src/runtime/io/monitor-conf.ts';
import { writeMonitorConf } from '../../../src/runtime/io/monitor-conf.ts';
import { attach, childOf, eventually, type FakeShim, fakeShim } from './fake-shim.ts';

/** The monitor's `exec=` appends a line to `<log>.ran`, so that runs can be counted. */
async function within(run: (shim: FakeShim) => Promise<void>, conf: Partial<MonitorConf> = {}): Promise<void> {
  const shim = await fakeShim();
  const script =
    'echo "$HOME $PATH $EXTRA $(cut -d" " -f 6 /proc/$$/stat) $PPID" >>"$0"; exec 3>&1; [ ! -e "$0.fail" ]';
  const exec = ['sh', '-c', script, ran(shim)];
  await writeMonitorConf(shim.dir, {
    driver: 'json-file',
    logPath: shim.log,
    exec,
    env: { EXTRA: 'a=b\nc\\' },
    ...conf,
  });
  try {
    await run(shim);
  } finally {
    shim.cleanUp();
  }
}

const ran = (shim: FakeShim) => join(shim.dir, 'ran');
const hasRun = (shim: FakeShim) => existsSync(ran(shim));
const quiet = (ms = 150) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the exit', () => {
  test('starts the command when nobody owns it, with a sane environment', () =>
    within(async (shim) => {
      await shim.container('echo bye');
      await eventually('the command has run', () => hasRun(shim));
      assert.match(readFileSync(ran(shim), 'utf8'), /^\/root \/usr\/local\/sbin:.* a=b\nc\\ +\d+ \d+\n$/);
      assert.equal(shim.entries()[0]?.log, 'bye\n');
      assert.equal(await shim.delete(), 0);
    }));

  test('is left to an owner that is there', () =>
    within(async (shim) => {
      const owner = await attach(shim.dir, { owner: true });
      await shim.container('echo bye');
      assert.equal(await owner.exited, 'exited');
      assert.equal(owner.got.stdout, 'bye\n');
      await quiet();
      assert.equal(hasRun(shim), false);
      assert.equal(await shim.delete(), 0);
      owner.done();
      await quiet();
      assert.equal(hasRun(shim), false);
    }));

  test('goes to the command when the owner vanishes after it', () =>
    within(async (shim) => {
      const owner = await attach(shim.dir, { owner: true });
      await shim.container('true');
      await owner.exited;
      owner.close();
      await eventually('the command has run', () => hasRun(shim));
    }));

  test('goes to the command when the owner left before it', () =>
    within(async (shim) => {
      const owner = await attach(shim.dir, { owner: true });
      const child = await shim.container('read x <"$0/gate"'.replace('$0', shim.dir));
      owner.close();
      child.kill('SIGKILL');
      await eventually('the command has run', () => hasRun(shim));
    }));

  test('is told to clients that come after it', () =>
    within(async (shim) => {
      await shim.container('true');
      await eventually('the command has run', () => hasRun(shim));
      const late = await attach(shim.dir);
      assert.equal(await late.exited, 'exited');
    }));

  test('a pid that is dead already counts as an exit', () =>
    within(async (shim) => {
      const child = await shim.container('true', { tell: false });
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
      const client = await attach(shim.dir);
      void client.sendPid(child.pid ?? 0);
      assert.equal(await client.exited, 'exited');
      await eventually('the command has run', () => hasRun(shim));
    }));

  test('a failed command is tried again, a successful one is not', () =>
    within(async (shim) => {
      const fail = `${ran(shim)}.fail`;
      const { writeFileSync } = await import('node:fs');
      writeFileSync(fail, '');
      await shim.container('true');
      await eventually('the command has run', () => hasRun(shim));
      rmSync(fail);
      const runs = () => readFileSync(ran(shim), 'utf8').split('/root').length - 1;
      await eventually('the command has run again', () => runs() === 2);
      await quiet(300);
      assert.equal(runs(), 2);
    }));

  test('restart delay: waits, and SIGTERM during the wait cuts it short', () =>
    within(
      async (shim) => {
        await shim.container('true');
        await quiet(400);
        assert.equal(hasRun(shim), false);
        assert.equal(await shim.delete(), 0);
        await eventually('the command has run', () => hasRun(shim), 2000);
      },
      { restart: { delayMs: 5000, resetAfterMs: 10_000, firstDelayMs: 100 } },
    ));

  test('restart delay: the first one again after a long run', () =>
    within(
      async (shim) => {
        await shim.container('exec sleep 0.3');
        await eventually('the command has run', () => hasRun(shim), 2000);
      },
      { restart: { delayMs: 60_000, resetAfterMs: 200, firstDelayMs: 50 } },
    ));

  test('the shim is gone: the command is started, then the monitor ends', () =>
    within(async (shim) => {
      const ended = new Promise((resolve) => shim.monitor.once('exit', resolve));
      const child = await shim.container('exec sleep 60');
      shim.closePipes();
      child.kill('SIGKILL');
      assert.equal(await ended, 0);
      assert.ok(hasRun(shim));
    }));
});

describe('kill -9', () => {
  const counting =
    'i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done; while [ ! -e "$0/stop" ]; do echo tick; sleep 0.02; done';
  const script = (shim: FakeShim) => counting.replace('$0', shim.dir);

  test('of the worker: another one takes its place, the container lives, clients come back, the exit is noticed', () =>
    within(async (shim) => {
      const client = await attach(shim.dir);
      const child = await shim.container(script(shim));
      for (let round = 0; round < 3; round++) {
        const before = shim.worker();
        process.kill(before, 'SIGKILL');
        await eventually('a new worker', () => shim.worker() > 0 && shim.worker() !== before);
        const seen = client.got.stdout.length;
        await eventually('output goes on', () => client.got.stdout.length > seen);
      }
      assert.equal(child.exitCode, null);
      child.kill('SIGKILL');
      await eventually('the command has run', () => hasRun(shim));
      assert.equal(await client.exited, 'exited');
      assert.equal(await shim.delete(), 0);
    }));

  test('of the holder: the worker goes on, and survives to be killed itself', () =>
    within(async (shim) => {
      const client = await attach(shim.dir);
      const child = await shim.container(script(shim));
      const worker = shim.worker();
      shim.monitor.kill('SIGKILL');
      await eventually('the worker has a child', () => childOf(worker) > 0);
      const second = childOf(worker);
      const seen = client.got.stdout.length;
      await eventually('output goes on', () => client.got.stdout.length > seen);
      process.kill(second, 'SIGKILL');
      await eventually('a third worker', () => childOf(worker) > 0 && childOf(worker) !== second);
      const late = await attach(shim.dir);
      await eventually('a new client gets output', () => late.got.stdout.includes('tick'));
      assert.equal(child.exitCode, null);
      child.kill('SIGKILL');
      await eventually('the command has run', () => hasRun(shim));
      shim.closePipes();
      await eventually('all of it has ended', () => !existsSync(`/proc/${worker}`) || isZombie(worker));
      const numbers = shim
        .entries()
        .map((e) => e.log.trim())
        .filter((l) => l !== 'tick');
      assert.deepEqual(
        numbers,
        Array.from({ length: 3000 }, (_, i) => String(i)),
      );
    }));

  test('of an owner: the command deals with the exit', () =>
    within(async (shim) => {
      const { spawn } = await import('node:child_process');
      const module = new URL('../../../src/runtime/io/monitor.ts', import.meta.url).pathname;
      const code = `import { connectMonitor } from ${JSON.stringify(module)};
        await connectMonitor(${JSON.stringify(shim.dir)}, { owner: true }); console.log('attached'); setInterval(() => {}, 1000);`;
      const cli = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => cli.stdout.once('data', resolve));
      const child = await shim.container('exec sleep 60');
      child.kill('SIGKILL');
      await quiet();
      assert.equal(hasRun(shim), false);
      cli.kill('SIGKILL');
      await eventually('the command has run', () => hasRun(shim));
    }));
});

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
