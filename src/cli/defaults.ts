import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../engine/settings.ts';
import { StatusError } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Exists = (path: string) => boolean;

/** Go nerdctl's defaults, so that both programs find each other's containers, networks and images. */
export function builtInSettings(env: Env, euid: number, exists: Exists): Settings {
  const rootless = isRootless(env, euid);
  const config = (name: string) => join(configHome(env), name);
  return {
    debug: false,
    debugFull: false,
    address: '/run/containerd/containerd.sock',
    namespace: 'default',
    snapshotter: 'overlayfs',
    cniPath: pluginDirectory(env, rootless, exists),
    cniNetconfPath: rootless ? config('cni/net.d') : '/etc/cni/net.d',
    dataRoot: rootless ? join(dataHome(env), 'nerdctl') : '/var/lib/nerdctl',
    cgroupManager: cgroupManager(env, rootless, exists),
    insecureRegistry: false,
    hostsDir: rootless
      ? [config('containerd/certs.d'), config('docker/certs.d')]
      : ['/etc/containerd/certs.d', '/etc/docker/certs.d'],
    experimental: true,
    // Enumerating the interfaces of a host with many containers takes time, and few commands ask.
    get hostGatewayIp() {
      return firstAddress();
    },
    bridgeIp: '',
    kubeHideDupe: false,
    selinuxEnabled: false,
    cdiSpecDirs: ['/etc/cdi', '/var/run/cdi'],
    usernsRemap: '',
    dns: [],
    dnsOpts: [],
    dnsSearch: [],
    nonDefaultArgs: [],
  };
}

export function tomlFile(env: Env, euid: number): string {
  if (env.NERDCTL_TOML) return env.NERDCTL_TOML;
  return isRootless(env, euid) ? join(configHome(env), 'nerdctl/nerdctl.toml') : '/etc/nerdctl/nerdctl.toml';
}

/** An ordinary user, or root inside RootlessKit's user namespace. */
function isRootless(env: Env, euid: number): boolean {
  return euid !== 0 || Boolean(env.ROOTLESSKIT_STATE_DIR);
}

function home(env: Env): string {
  if (!env.HOME) throw new StatusError(1, 'the environment variable HOME is not set');
  return env.HOME;
}

function configHome(env: Env): string {
  return env.XDG_CONFIG_HOME || join(home(env), '.config');
}

function dataHome(env: Env): string {
  return env.XDG_DATA_HOME || join(home(env), '.local/share');
}

function pluginDirectory(env: Env, rootless: boolean, exists: Exists): string {
  const own = rootless
    ? ['opt/cni/bin', '.local/libexec/cni', '.local/lib/cni'].map((dir) => join(home(env), dir))
    : [];
  const common = [
    '/opt/cni/bin',
    '/usr/local/libexec/cni',
    '/usr/local/lib/cni',
    '/home/linuxbrew/.linuxbrew/opt/cni-plugins/libexec',
    '/usr/libexec/cni',
    '/usr/lib/cni',
  ];
  return [...own, ...common].find(exists) ?? '/opt/cni/bin';
}

function cgroupManager(env: Env, rootless: boolean, exists: Exists): Settings['cgroupManager'] {
  // runc asks a user's systemd on the user's bus, and without one asks that of root, which refuses.
  const answers = !rootless || exists(join(env.XDG_RUNTIME_DIR ?? '/', 'bus'));
  if (answers && exists('/sys/fs/cgroup/cgroup.controllers') && exists('/run/systemd/system')) return 'systemd';
  return rootless ? 'none' : 'cgroupfs';
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '';
}
