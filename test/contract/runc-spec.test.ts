import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tmpfsMount } from '../../src/engine/mounts/tmpfs.ts';
import { buildSpec, encodeSpec } from '../../src/runtime/spec/build.ts';
import { capabilitiesOfMask } from '../../src/runtime/spec/capabilities.ts';
import type { SpecInput } from '../../src/runtime/spec/input.ts';
import { specInput } from '../unit/runtime/spec/input.ts';

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
const missing =
  process.getuid?.() !== 0
    ? 'this machine lacks root'
    : !busybox
      ? 'this machine lacks busybox (package busybox-static)'
      : spawnSync('runc', ['--version']).error
        ? 'this machine lacks runc'
        : false;

const bounding = capabilitiesOfMask(/^CapBnd:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0');

/** Runs a shell script under plain runc with the spec of `changes`, and gives what it prints. */
function runc(t: TestContext, script: string, changes: Partial<SpecInput> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-runc-'));
  const id = `nerdctl-spec-${process.pid}-${Math.random().toString(36).slice(2)}`;
  t.after(() => {
    spawnSync('runc', ['--root', join(dir, 'state'), 'delete', '-f', id]);
    rmSync(dir, { recursive: true, force: true });
  });
  const rootfs = join(dir, 'rootfs');
  mkdirSync(join(rootfs, 'bin'), { recursive: true });
  cpSync(busybox!, join(rootfs, 'bin/busybox'));
  for (const applet of ['sh', 'grep', 'cat', 'mount', 'unshare', 'touch', 'hostname', 'ls', 'id']) {
    symlinkSync('busybox', join(rootfs, 'bin', applet));
  }
  const plain = specInput();
  const spec = buildSpec({
    ...plain,
    id,
    args: ['sh', '-c', script],
    env: ['PATH=/bin'],
    rootfs,
    files: {},
    machine: { ...plain.machine, cgroupManager: 'none', arch: process.arch, capabilities: bounding },
    ...changes,
  });
  writeFileSync(join(dir, 'config.json'), encodeSpec(spec));
  return execFileSync('runc', ['--root', join(dir, 'state'), 'run', '-b', dir, id], { encoding: 'utf8' }).trim();
}

const cases: [name: string, script: string, changes: Partial<SpecInput>, expected: RegExp][] = [
  ['plain', 'hostname; id -u; cat /proc/sys/net/ipv4/ip_unprivileged_port_start', {}, /^h1\n0\n0$/],
  ['default capabilities', 'grep CapEff /proc/self/status', {}, /00000000a80425fb$/],
  [
    'the filter stops unshare',
    'unshare -m true 2>&1; grep Seccomp: /proc/self/status',
    {},
    /not permitted\nSeccomp:\s*2$/,
  ],
  ['read-only system paths', '(echo x >/proc/sys/kernel/domainname) 2>&1; true', {}, /Read-only file system/],
  ['a masked path', 'cat /proc/keys | grep -c .; true', {}, /^0$/],
  ['read-only root', 'touch /x 2>&1; true', { hostConfig: { ReadonlyRootfs: true } }, /Read-only file system/],
  [
    'a user',
    'id -u; grep CapEff /proc/self/status',
    { user: { uid: 7, gid: 8, additionalGids: [8] } },
    /^7\nCapEff:\s*0+$/,
  ],
  [
    'tmpfs with options',
    'mount | grep " /t "',
    { mounts: [tmpfsMount('/t', ['size=1m', 'exec'])] },
    /^tmpfs on \/t type tmpfs \(rw,nosuid,nodev,relatime,size=1024k/,
  ],
  [
    'shared memory of the size asked for',
    'mount | grep " /dev/shm "',
    { hostConfig: { ShmSize: 8 * 1024 * 1024 } },
    /size=8192k/,
  ],
  [
    'privileged',
    'mount | grep " /sys "; grep Seccomp: /proc/self/status; unshare -m true && ls -d /proc/sys',
    { hostConfig: { Privileged: true } },
    /\(rw,.*\nSeccomp:\s*0\n\/proc\/sys$/,
  ],
  [
    'no-new-privileges and limits',
    'grep NoNewPrivs /proc/self/status; ulimit -n',
    {
      hostConfig: { SecurityOpt: ['no-new-privileges'], Ulimits: [{ Name: 'nofile', Soft: 64, Hard: 128 }] },
    },
    /NoNewPrivs:\s*1\n64$/,
  ],
];

for (const [name, script, changes, expected] of cases) {
  test(`runc runs the spec: ${name}`, { skip: missing }, (t) => {
    assert.match(runc(t, script, changes), expected);
  });
}
