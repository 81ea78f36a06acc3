import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParsedValue } from '../../../src/cli/parse.ts';
import { resolveSettings } from '../../../src/cli/settings.ts';
import type { Settings } from '../../../src/engine/settings.ts';

interface Given {
  env?: Record<string, string>;
  flags?: Record<string, ParsedValue>;
  toml?: Record<string, unknown>;
  files?: string[];
  euid?: number;
}

function resolve({ env = {}, flags = {}, toml, files = [], euid = 0 }: Given): Promise<Settings> {
  return resolveSettings({
    env: { NERDCTL_TOML: '/n.toml', HOME: '/home/u', ...env },
    flags: new Map(Object.entries(flags)),
    euid,
    exists: (path) => files.includes(path) || (toml !== undefined && path === '/n.toml'),
    readToml: async () => toml ?? {},
  });
}

const cases: readonly (readonly [name: string, given: Given, expected: Partial<Settings>])[] = [
  [
    'defaults of root',
    {},
    {
      address: '/run/containerd/containerd.sock',
      namespace: 'default',
      snapshotter: 'overlayfs',
      cniPath: '/opt/cni/bin',
      cniNetconfPath: '/etc/cni/net.d',
      dataRoot: '/var/lib/nerdctl',
      cgroupManager: 'cgroupfs',
      hostsDir: ['/etc/containerd/certs.d', '/etc/docker/certs.d'],
      experimental: true,
      nonDefaultArgs: [],
    },
  ],
  [
    'defaults of a user',
    { euid: 1000, files: ['/home/u/.local/libexec/cni', '/usr/lib/cni'] },
    {
      cniPath: '/home/u/.local/libexec/cni',
      cniNetconfPath: '/home/u/.config/cni/net.d',
      dataRoot: '/home/u/.local/share/nerdctl',
      cgroupManager: 'none',
      hostsDir: ['/home/u/.config/containerd/certs.d', '/home/u/.config/docker/certs.d'],
    },
  ],
  [
    "root of RootlessKit's namespace, with XDG directories",
    { env: { ROOTLESSKIT_STATE_DIR: '/r', XDG_DATA_HOME: '/d', XDG_CONFIG_HOME: '/c' } },
    { dataRoot: '/d/nerdctl', cniNetconfPath: '/c/cni/net.d' },
  ],
  [
    'Debian, systemd, cgroup v2',
    { files: ['/usr/lib/cni', '/sys/fs/cgroup/cgroup.controllers', '/run/systemd/system'] },
    {
      cniPath: '/usr/lib/cni',
      cgroupManager: 'systemd',
    },
  ],
  [
    'a user whose systemd has a bus',
    {
      euid: 1000,
      env: { XDG_RUNTIME_DIR: '/run/user/1000' },
      files: ['/sys/fs/cgroup/cgroup.controllers', '/run/systemd/system', '/run/user/1000/bus'],
    },
    { cgroupManager: 'systemd' },
  ],
  [
    'a user whose systemd has none',
    {
      euid: 1000,
      env: { XDG_RUNTIME_DIR: '/run/user/1000' },
      files: ['/sys/fs/cgroup/cgroup.controllers', '/run/systemd/system'],
    },
    { cgroupManager: 'none' },
  ],
  [
    'flag before environment before file before default',
    {
      flags: { namespace: 'flag' },
      env: { CONTAINERD_NAMESPACE: 'env', CONTAINERD_SNAPSHOTTER: 'env' },
      toml: { namespace: 'toml', snapshotter: 'toml', data_root: '/toml', hosts_dir: ['/a', '/b'] },
    },
    {
      namespace: 'flag',
      snapshotter: 'env',
      dataRoot: '/toml',
      hostsDir: ['/a', '/b'],
      nonDefaultArgs: ['--namespace=flag', '--snapshotter=env', '--data-root=/toml', '--hosts-dir=/a,/b'],
    },
  ],
  ['unix:// is left out', { env: { CONTAINERD_ADDRESS: 'unix:///c.sock' } }, { address: '/c.sock' }],
  ['-H is --address', { flags: { host: '/h.sock' } }, { address: '/h.sock', nonDefaultArgs: ['--address=/h.sock'] }],
  ['booleans of the environment', { env: { NERDCTL_EXPERIMENTAL: 'F' } }, { experimental: false }],
  ['keys of the file without a flag', { toml: { disable_hc_systemd: true, dns: ['1.1.1.1'] } }, { dns: ['1.1.1.1'] }],
];

for (const [name, given, expected] of cases)
  test(name, async () => {
    const settings = await resolve(given);
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(settings[key as keyof Settings], value, key);
  });

const refused: readonly (readonly [given: Given, message: RegExp])[] = [
  [{ toml: { addres: '/x' } }, /^\/n\.toml: unknown key "addres"$/],
  [{ toml: { debug: 'yes' } }, /^\/n\.toml: the value of "debug" must be true or false$/],
  [{ toml: { hosts_dir: '/x' } }, /^\/n\.toml: the value of "hosts_dir" must be an array of strings$/],
  [{ env: { NERDCTL_EXPERIMENTAL: 'maybe' } }, /^NERDCTL_EXPERIMENTAL: "maybe" is neither true nor false$/],
  [{ flags: { namespace: '../x' } }, /^invalid namespace "\.\.\/x"/],
  [{ flags: { namespace: '' } }, /^invalid namespace ""/],
  [{ flags: { 'cgroup-manager': 'x' } }, /^invalid cgroup manager "x"/],
  [{ flags: { 'data-root': '' } }, /"dataRoot" must not be empty/],
  [{ euid: 1, env: { HOME: '' } }, /^the environment variable HOME is not set$/],
];

for (const [given, message] of refused)
  test(`refuses ${JSON.stringify(given)}`, () => assert.rejects(resolve(given), { message, exitCode: 1 }));
