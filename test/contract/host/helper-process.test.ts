import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { HostHelper } from '../../../src/host/helper.ts';
import { startHostHelper } from '../../../src/host/helper-process.ts';
import { readMountInfo } from '../../../src/host/mountinfo.ts';
import { nativeProgram } from '../monitor/program.ts';

const root = process.getuid?.() === 0;

describe('host helper', () => {
  let dir: string;
  let host: HostHelper;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'nerdctl-helper-'));
    host = startHostHelper(nativeProgram());
  });
  after(() => {
    host.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('an exclusive lock keeps flock(1) out, and goes with release', async () => {
    const lock = await host.lock(dir);
    assert.equal(spawnSync('flock', ['-n', dir, 'true']).status, 1);
    await lock.release();
    assert.equal(spawnSync('flock', ['-n', dir, 'true']).status, 0);
  });

  test('a waiting lock does not hold up other calls', async () => {
    const held = await host.lock(dir);
    const waiting = host.lock(dir);
    await host.mkfifo(join(dir, 'fifo'), 0o600);
    assert.ok(statSync(join(dir, 'fifo')).isFIFO());
    await held.release();
    await (await waiting).release();
  });

  test('shared locks live side by side', async () => {
    const locks = await Promise.all([host.lock(dir, 'shared'), host.lock(dir, 'shared')]);
    await Promise.all(locks.map((l) => l.release()));
  });

  test('waiting for a lock of another process can be cancelled, and leaves no lock', async () => {
    const other = spawn('flock', [dir, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => other.stdout.once('data', resolve));
    const cancel = new AbortController();
    const waiting = host.lock(dir, 'exclusive', cancel.signal);
    cancel.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    other.stdin.end();
    await new Promise((resolve) => other.once('exit', resolve));
    assert.equal(spawnSync('flock', ['-n', dir, 'true']).status, 0);
  });

  test('errors carry the errno name', async () => {
    await assert.rejects(host.lock(join(dir, 'missing')), { code: 'ENOENT' });
    await assert.rejects(host.mkfifo(join(dir, 'a\0b'), 0o600), { code: 'EINVAL' });
    await assert.rejects(host.mount({ type: 'nosuchfs', source: 'x', target: dir, options: [] }), (e) =>
      ['ENODEV', 'EPERM'].includes((e as NodeJS.ErrnoException).code ?? ''),
    );
  });

  test('times to the nanosecond, of many names at once, also before 1970 and of links', async () => {
    const times = new Map<string, bigint>();
    for (let i = 0; i < 200; i++) times.set(join(dir, `time-${i}`), 1_234_567_890_123_456_789n + BigInt(i));
    times.set(join(dir, 'time-\xff'), -315_619_200_000_000_001n);
    for (const path of times.keys()) writeFileSync(Buffer.from(path, 'latin1'), '');
    symlinkSync('nowhere', join(dir, 'time-link'));
    times.set(join(dir, 'time-link'), 1n);
    await host.setTimes([...times]);
    for (const [path, time] of times) {
      assert.equal(lstatSync(Buffer.from(path, 'latin1'), { bigint: true }).mtimeNs, time, path);
    }
    await assert.rejects(host.setTimes([[join(dir, 'missing'), 0n]]), { code: 'ENOENT' });
  });

  test('devices and FIFOs, whatever the umask', { skip: !root && 'this machine lacks root' }, async () => {
    const device = Buffer.from(`${dir}/dev\xff`, 'latin1');
    await host.mknod(device, 0o020666, 1, 3);
    await host.mknod(Buffer.from(`${dir}/block`), 0o061660, 259, 300_000);
    assert.equal(lstatSync(device).mode, 0o020666);
    assert.equal(lstatSync(device).rdev, (1 << 8) | 3);
    assert.equal(lstatSync(join(dir, 'block')).mode, 0o061660);
    await assert.rejects(host.mknod(device, 0o010600, 0, 0), { code: 'EEXIST' });
  });

  test('extended attributes of a directory with many entries', async (t) => {
    const many = join(dir, 'xattrs');
    mkdirSync(many);
    for (let i = 0; i < 300; i++) writeFileSync(join(many, `file-${i}`), '');
    symlinkSync('file-1', join(many, 'link'));
    const long = Buffer.alloc(3000, 'long');
    try {
      await host.setXattr(join(many, 'file-1'), ['user.a', long]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTSUP') throw error;
      return t.skip('this machine lacks extended attributes in its temporary directory');
    }
    for (let i = 100; i < 300; i++) await host.setXattr(join(many, `file-${i}`), ['user.i', Buffer.of(i & 255, 0)]);
    const found = await host.listXattrs(many);
    const own = (name: string) => (found.get(name) ?? []).filter(([key]) => key.startsWith('user.'));
    assert.deepEqual(own('file-1').find(([key]) => key === 'user.a')?.[1], long);
    assert.deepEqual(own('file-299'), [['user.i', Buffer.of(299 & 255, 0)]]);
    assert.deepEqual([own('file-2'), own('link')], [[], []]);
    await assert.rejects(host.listXattrs(join(dir, 'missing')), { code: 'ENOENT' });
    await assert.rejects(host.setXattr(join(dir, 'missing'), ['user.a', long]), { code: 'ENOENT' });
  });

  test('a network namespace comes with lo up and goes without a trace', {
    skip: !root && 'this machine lacks root',
  }, async () => {
    const path = `/run/netns/nerdctl-test-${process.pid}`;
    await host.createNetns(path);
    try {
      assert.match(execFileSync('nsenter', [`--net=${path}`, 'ip', 'link', 'show', 'lo']).toString(), /LOOPBACK,UP/);
      await assert.rejects(host.createNetns(path), { code: 'EEXIST' });
    } finally {
      await host.removeNetns(path);
    }
    assert.equal(existsSync(path), false);
    await host.removeNetns(path);
  });

  test('mounts: bind and read-only together, propagation, unmount twice', {
    skip: !root && 'this machine lacks root',
  }, async () => {
    const [source, target] = [join(dir, 'source'), join(dir, 'target')];
    mkdirSync(source);
    mkdirSync(target);
    await host.mount({ type: 'bind', source, target, options: ['rbind', 'ro', 'nosuid', 'rprivate'] });
    const mount = readMountInfo().find((m) => m.mountPoint === target);
    assert.ok(mount?.options.includes('ro') && mount.options.includes('nosuid'));
    assert.deepEqual(mount?.propagation, []);
    await host.unmount(target);
    await host.unmount(target);
    assert.equal(
      readMountInfo().some((m) => m.mountPoint === target),
      false,
    );
  });

  test('an overlay of more lower directories than fit in a page', {
    skip: !root && 'this machine lacks root',
  }, async () => {
    const base = join(dir, `layers-${'x'.repeat(60)}`);
    const lower = Array.from({ length: 100 }, (_, i) => join(base, String(i), 'fs'));
    for (const [i, d] of lower.entries()) {
      mkdirSync(d, { recursive: true });
      writeFileSync(join(d, `file${i}`), String(i));
    }
    const target = join(dir, 'merged');
    mkdirSync(target);
    await host.mount({ type: 'overlay', source: 'overlay', target, options: [`lowerdir=${lower.join(':')}`] });
    try {
      assert.equal(readFileSync(join(target, 'file99'), 'utf8'), '99');
    } finally {
      await host.unmount(target);
    }
  });

  test('an idle helper does not keep the program alive, and dies with it', () => {
    const module = new URL('../../../src/host/helper-process.ts', import.meta.url).pathname;
    const script = `import { startHostHelper } from ${JSON.stringify(module)};
      const host = startHostHelper(${JSON.stringify(nativeProgram())});
      await host.lock(${JSON.stringify(dir)});`;
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      timeout: 20_000,
      encoding: 'utf8',
    });
    assert.equal(run.status, 0, run.stderr);
    assert.equal(spawnSync('flock', ['-w', '2', dir, 'true']).status, 0);
  });

  test('a missing program is a clear error', async () => {
    const broken = startHostHelper(join(dir, 'no-such-program'));
    await assert.rejects(broken.mkfifo(join(dir, 'f'), 0o600), { code: 'ENOENT' });
  });
});
