import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ClientFrame, clientFrame } from '../../../src/runtime/io/monitor-frames.ts';
import { attach, eventually, type FakeShim, fakeShim, longDir } from './fake-shim.ts';

async function within(run: (shim: FakeShim) => Promise<void>, ...args: Parameters<typeof fakeShim>): Promise<void> {
  const shim = await fakeShim(...args);
  try {
    await run(shim);
  } finally {
    shim.cleanUp();
  }
}

const ended = (child: { once(event: 'exit', f: () => void): unknown; exitCode: number | null }) =>
  new Promise<void>((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));

describe('the log', () => {
  const cases: [name: string, script: string, expected: { log: string; stream: string }[]][] = [
    [
      'lines of both streams',
      'echo a; echo b >&2',
      [
        { log: 'a\n', stream: 'stdout' },
        { log: 'b\n', stream: 'stderr' },
      ],
    ],
    [
      'a last line without newline',
      'printf "a\\nb"',
      [
        { log: 'a\n', stream: 'stdout' },
        { log: 'b', stream: 'stdout' },
      ],
    ],
    [
      'control characters, quotes, HTML',
      `printf '\\t\\r"\\\\<&>\\001\\n'`,
      [{ log: '\t\r"\\<&>\u0001\n', stream: 'stdout' }],
    ],
    ['invalid UTF-8', `printf 'a\\377b\\300\\200\\355\\240\\200\\n'`, [{ log: 'a�b�����\n', stream: 'stdout' }]],
    ['UTF-8 of each length', `printf 'é€😀\u2028\\n'`, [{ log: 'é€😀\u2028\n', stream: 'stdout' }]],
    [
      'empty lines',
      'echo; echo',
      [
        { log: '\n', stream: 'stdout' },
        { log: '\n', stream: 'stdout' },
      ],
    ],
  ];
  for (const [name, script, expected] of cases)
    test(name, () =>
      within(async (shim) => {
        const child = await shim.container(script);
        await ended(child);
        assert.equal(await shim.delete(), 0);
        const entries = shim.entries().map(({ log, stream }) => ({ log, stream }));
        const by = (stream: string) => entries.filter((e) => e.stream === stream);
        for (const stream of ['stdout', 'stderr'])
          assert.deepEqual(
            by(stream),
            expected.filter((e) => e.stream === stream),
          );
      }),
    );

  test('times are RFC3339Nano in UTC, of now', () =>
    within(async (shim) => {
      const before = Date.now();
      await ended(await shim.container('echo x'));
      await shim.delete();
      const time = shim.entries()[0]?.time ?? '';
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/);
      assert.ok(Date.parse(time) >= before - 1 && Date.parse(time) <= Date.now());
    }));

  test('long lines are cut at 16 KB, not inside a character, with one time', () =>
    within(async (shim) => {
      await ended(
        await shim.container(
          'head -c 16383 /dev/zero | tr "\\0" x; printf "€"; head -c 20000 /dev/zero | tr "\\0" y; echo',
        ),
      );
      await shim.delete();
      const entries = shim.entries();
      assert.deepEqual(
        entries.map((e) => Buffer.byteLength(e.log)),
        [16383, 16384, 3620],
      );
      assert.equal(entries.map((e) => e.log).join(''), `${'x'.repeat(16383)}€${'y'.repeat(20000)}\n`);
      assert.equal(new Set(entries.map((e) => e.time)).size, 1);
    }));

  test('rotation keeps max-file files and loses no line between them', () =>
    within(
      async (shim) => {
        await ended(await shim.container('seq 1 400'));
        await shim.delete();
        const files = [`${shim.log}.2`, `${shim.log}.1`, shim.log];
        for (const f of files) assert.ok(statSync(f).size <= 4096 + 200, f);
        assert.equal(existsSync(`${shim.log}.3`), false);
        const numbers = files.flatMap((f) => shim.entries(f)).map((e) => Number(e.log));
        assert.equal(numbers.at(-1), 400);
        for (const [i, n] of numbers.entries()) assert.equal(n, (numbers[0] ?? 0) + i);
      },
      { maxSize: 4096, maxFile: 3 },
    ));

  test('one file only is cut', () =>
    within(
      async (shim) => {
        await ended(await shim.container('seq 1 400'));
        await shim.delete();
        assert.equal(existsSync(`${shim.log}.1`), false);
        assert.ok(statSync(shim.log).size <= 4300);
        assert.equal(shim.entries().at(-1)?.log, '400\n');
      },
      { maxSize: 4096, maxFile: 1 },
    ));

  test('driver none writes nothing', () =>
    within(
      async (shim) => {
        await ended(await shim.container('seq 1 4000'));
        assert.equal(await shim.delete(), 0);
        assert.equal(existsSync(shim.log), false);
      },
      { driver: 'none' },
    ));

  test('a log that cannot be written stops nobody', () =>
    within(
      async (shim) => {
        const client = await attach(shim.dir);
        await ended(await shim.container('seq 1 100000'));
        assert.equal(await client.exited, 'exited');
        assert.equal(client.got.stdout.split('\n').length, 100001);
        assert.equal(await shim.delete(), 0);
      },
      { logPath: '/dev/full' },
    ));
});

describe('clients', () => {
  test('several get the same, each stream apart, the exit last; the socket is private', () =>
    within(async (shim) => {
      assert.equal(statSync(join(shim.dir, 'attach.sock')).mode & 0o777, 0o600);
      const clients = await Promise.all([attach(shim.dir), attach(shim.dir), attach(shim.dir)]);
      await shim.container('seq 1 50000; seq 1 1000 >&2');
      for (const client of clients) {
        assert.equal(await client.exited, 'exited');
        assert.equal(client.got.stdout, Array.from({ length: 50000 }, (_, i) => `${i + 1}\n`).join(''));
        assert.equal(client.got.stderr, Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join(''));
      }
    }));

  test('a slow one slows the container, a dead one does not', () =>
    within(
      async (shim) => {
        let release = () => {};
        let paused = false;
        let bytes = 0;
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        const slow = await attach(shim.dir, {
          stdout: {
            write: (data) => {
              bytes += data.length;
              paused = true;
              return false;
            },
            drained: () => gate,
          },
        });
        const child = await shim.container('head -c 20000000 /dev/zero | tr "\\0" "\\n"');
        await eventually('the client is paused', () => paused);
        await new Promise((resolve) => setTimeout(resolve, 200));
        assert.equal(child.exitCode, null);
        assert.ok(bytes < 2_000_000, String(bytes));
        release();
        assert.equal(await slow.exited, 'exited');
        assert.equal(bytes, 20_000_000);
      },
      { driver: 'none' },
    ));

  test('one that vanishes in the middle is dropped', () =>
    within(
      async (shim) => {
        const stuck = await attach(shim.dir, { stdout: { write: () => false, drained: () => new Promise(() => {}) } });
        const child = await shim.container('head -c 20000000 /dev/zero; echo');
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.equal(child.exitCode, null);
        stuck.close();
        await ended(child);
        assert.equal(child.exitCode, 0);
      },
      { driver: 'none' },
    ));

  test('SIGTERM with a slow client: the monitor ends, the client still gets everything', () =>
    within(async (shim) => {
      let bytes = 0;
      let slow = true;
      let readOn = () => {};
      const write = (data: Uint8Array) => {
        bytes += data.length;
        return !slow;
      };
      const drained = () =>
        new Promise<void>((resolve) => {
          readOn = resolve;
        });
      const client = await attach(shim.dir, { stdout: { write, drained } });
      const child = await shim.container('head -c 330000 /dev/zero | tr "\\0" x', { tell: false });
      const end = ended(child).then(() => true);
      // How much fits into pipe and socket depends on the size of the pieces: the client makes room until it does.
      while (!(await Promise.race([end, delay(200, false)]))) readOn();
      assert.equal(await shim.delete(), 0);
      slow = false;
      readOn();
      assert.equal(await client.exited, 'exited');
      assert.equal(bytes, 330_000);
    }));

  test('a path longer than a socket address', async () => {
    const base = mkdtempSync(join(tmpdir(), 'nerdctl-long-'));
    try {
      await within(
        async (shim) => {
          const client = await attach(shim.dir);
          await shim.container('echo deep');
          await client.exited;
          assert.equal(client.got.stdout, 'deep\n');
        },
        {},
        longDir(base),
      );
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  test('nonsense on the socket harms nobody', () =>
    within(async (shim) => {
      const bad = connect(join(shim.dir, 'attach.sock'));
      bad.on('error', () => {});
      bad.write(Buffer.alloc(100, 0xff));
      await new Promise((resolve) => bad.resume().once('close', resolve));
      const unknown = connect(join(shim.dir, 'attach.sock'));
      unknown.write(clientFrame(99, Buffer.alloc(5000)));
      unknown.write(clientFrame(ClientFrame.pid, Buffer.alloc(3)));
      const client = await attach(shim.dir);
      await shim.container('echo fine');
      await client.exited;
      assert.equal(client.got.stdout, 'fine\n');
      unknown.destroy();
    }));

  test('1 GB goes through unharmed', { timeout: 60_000 }, () =>
    within(
      async (shim) => {
        let bytes = 0;
        const client = await attach(shim.dir, {
          stdout: {
            write: (data) => {
              bytes += data.length;
              return true;
            },
            drained: async () => {},
          },
        });
        await shim.container('head -c 1000000000 /dev/zero');
        await client.exited;
        assert.equal(bytes, 1_000_000_000);
      },
      { driver: 'none' },
    ),
  );
});

test('an idle monitor is small', () =>
  within(async (shim) => {
    const client = await attach(shim.dir);
    await shim.container('seq 1 100000; exec sleep 60');
    await eventually('output', () => client.got.stdout.endsWith('100000\n'));
    client.close();
    // The code is shared by all monitors; this is what each one adds.
    const own = (pid: number) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return [...text.matchAll(/^Pss_(Anon|Shmem): +(\d+)/gm)].reduce(
        (sum, [, , kilobytes]) => sum + Number(kilobytes),
        0,
      );
    };
    const pids = [shim.monitor.pid ?? 0, shim.worker()];
    await eventually('memory is given back', () => pids.reduce((sum, pid) => sum + own(pid), 0) <= 150);
    for (const pid of pids) assert.ok(own(pid) > 0);
  }));
