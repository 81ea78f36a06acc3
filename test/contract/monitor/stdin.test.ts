import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { HostHelper } from '../../../src/host/helper.ts';
import { startHostHelper } from '../../../src/host/helper-process.ts';
import { planStdio, prepareStdio, removeStdio } from '../../../src/runtime/io/container-stdio.ts';
import { readFifo, writeFifo } from '../../../src/runtime/io/fifo.ts';
import { attach, eventually } from './fake-shim.ts';
import { nativeProgram } from './program.ts';

describe('a monitor on FIFOs', () => {
  let host: HostHelper;
  let dir: string;
  before(() => {
    host = startHostHelper(nativeProgram());
  });
  after(() => host.close());

  /** Plays the shim and the container: opens the FIFOs, as `-i` without `-t` has them. */
  const within = async (script: string, run: (child: ChildProcess, closeIO: () => void) => Promise<void>) => {
    dir = mkdtempSync(join(tmpdir(), 'nerdctl-stdin-'));
    const plan = planStdio(dir, { tty: false, stdin: true }, nativeProgram());
    assert.equal(plan.monitor, 'fifo');
    const conf = { driver: 'json-file', logPath: join(dir, 'log'), exec: ['touch', join(dir, 'ran')] } as const;
    await prepareStdio(host, dir, plan, { ...conf, exec: [...conf.exec] }, nativeProgram());
    const stdin = openSync(plan.stdin, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(plan.stdin, constants.O_WRONLY);
    const [stdout, stderr] = [openSync(plan.stdout, constants.O_WRONLY), openSync(plan.stderr, constants.O_WRONLY)];
    // Through another open file: the container's stdin must block.
    const child = spawn('sh', ['-c', `exec <${plan.stdin}; ${script}`], { stdio: ['ignore', stdout, stderr] });
    for (const fd of [stdout, stderr]) closeSync(fd);
    let open = true;
    const closeIO = () => {
      if (open) closeSync(writer);
      open = false;
    };
    try {
      await eventually('the container has opened its stdin', () => readFileSync(`/proc/${child.pid}/stat`).length > 0);
      await run(child, closeIO);
    } finally {
      closeIO();
      closeSync(stdin);
      child.kill('SIGKILL');
      await removeStdio(plan);
      rmSync(dir, { recursive: true });
    }
  };

  test('input arrives whole, its end after it; output comes back; the end of the FIFOs ends the monitor', () =>
    within('sleep 0.1; cat; echo done >&2', async (child, closeIO) => {
      const data = randomBytes(3_000_000);
      const client = await attach(dir, { owner: true });
      await client.sendPid(child.pid ?? 0);
      for (let at = 0; at < data.length; at += 50_000) await client.writeStdin(data.subarray(at, at + 50_000));
      await client.closeStdin();
      closeIO();
      assert.equal(await client.exited, 'exited');
      assert.ok(Buffer.from(client.got.stdout, 'latin1').equals(data));
      assert.equal(client.got.stderr, 'done\n');
      client.done();
      client.close();
      await eventually('the monitor has ended', async () =>
        attach(dir).then(
          () => false,
          () => true,
        ),
      );
      assert.equal(existsSync(join(dir, 'ran')), false);
    }));

  test('a client whose input is not taken holds up no other', () =>
    within('exec sleep 60', async (child) => {
      const stuck = await attach(dir);
      void stuck.writeStdin(Buffer.alloc(2_000_000));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const other = await attach(dir);
      await other.sendPid(child.pid ?? 0);
      stuck.close();
      child.kill('SIGKILL');
      assert.equal(await other.exited, 'exited');
      await eventually('the command has run', () => existsSync(join(dir, 'ran')));
    }));
});

test('FIFOs: reading before there is a writer, writing more than fits, the end of either', async () => {
  const host = startHostHelper(nativeProgram());
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-fifo-'));
  try {
    const path = join(dir, 'fifo');
    await host.mkfifo(path, 0o600);
    const chunks: Buffer[] = [];
    const sink = {
      write: (data: Uint8Array) => chunks.push(Buffer.from(data)) < 0,
      drained: () => new Promise<void>((resolve) => setImmediate(resolve)),
    };
    const reader = readFifo(path, sink);
    const writer = writeFifo(path);
    const data = randomBytes(2_000_000);
    await writer.write(data);
    await writer.end();
    await reader.done;
    assert.ok(Buffer.concat(chunks).equals(data));
    const idle = readFifo(path, sink);
    idle.cancel();
    await idle.done;
  } finally {
    host.close();
    rmSync(dir, { recursive: true });
  }
});
