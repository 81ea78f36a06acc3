import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { systemdBooted } from '../../src/host/cgroups.ts';
import { engineSide } from './engine-side.ts';
import type { EngineSource } from './engines.ts';
import { eventually } from './eventually.ts';
import type { TestUser } from './user.ts';

export interface Daemon {
  pid: number;
  socket: string;
  log: string;
}

async function answers(socket: string): Promise<boolean> {
  const connection = createConnection(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}

interface Start {
  file: string;
  args: string[];
  env: Record<string, string>;
  socket: string;
  log: string;
}

async function startDaemon({ file, args, env, socket, log }: Start): Promise<Daemon> {
  const out = openSync(log, 'a');
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', out, out],
    env: { HOME: '/root', LC_ALL: 'C', ...env },
  });
  closeSync(out);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  await once(child, 'spawn');
  child.unref();
  await eventually(
    async () => {
      if (ended)
        throw new Error(`${file} ended at once:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`);
      return (await answers(socket)) || undefined;
    },
    `${file} to answer at ${socket}`,
    30_000,
  );
  return { pid: child.pid!, socket, log };
}

/** Config versions 2 and 3 differ in the names of the plugins that a private containerd switches off. */
function containerdConfig(source: EngineSource, dir: string, socket: string): string {
  const isTwo = /^v?2\./.test(source.version);
  const off = isTwo
    ? [
        'io.containerd.grpc.v1.cri',
        'io.containerd.cri.v1.images',
        'io.containerd.cri.v1.runtime',
        'io.containerd.podsandbox.controller.v1.podsandbox',
        'io.containerd.nri.v1.nri',
      ]
    : ['io.containerd.grpc.v1.cri'];
  return `version = ${isTwo ? 3 : 2}
root = "${dir}/root"
state = "${dir}/state"
disabled_plugins = ${JSON.stringify(off)}
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
`;
}

/**
 * Starts, or after a kill starts again, the containerd whose files are below `dir`. Where systemd is process 1 it is the
 * machine's own.
 */
export async function startContainerd(source: EngineSource, dir: string): Promise<Daemon & { root: string }> {
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, 'containerd.sock');
  if (systemdBooted()) {
    execFileSync('systemctl', ['start', 'containerd']);
    const pid = execFileSync('systemctl', ['show', '--property=MainPID', '--value', 'containerd'], {
      encoding: 'utf8',
    });
    writeFileSync(join(dir, 'pid'), pid);
    return { pid: Number(pid), socket, log: '', root: '/var/lib/containerd' };
  }
  const config = join(dir, 'config.toml');
  writeFileSync(config, containerdConfig(source, dir, socket));
  const daemon = await startDaemon({
    file: fileIn(source.path, 'containerd'),
    args: ['-c', config],
    env: { PATH: source.path },
    socket,
    log: join(dir, 'log'),
  });
  writeFileSync(join(dir, 'pid'), String(daemon.pid));
  return { ...daemon, root: join(dir, 'root') };
}

export interface DockerSource {
  /** PATH on which dockerd, docker, docker-proxy and docker-init are found. */
  path: string;
  libraries?: string;
  version: string;
}

export interface DockerdOptions {
  /** Images in containerd's stores and under this namespace, instead of docker's own drivers. Docker 25 and newer. */
  containerdStore?: boolean;
  /** The namespace of its containers, and images, in containerd. */
  namespace?: string;
  env?: Record<string, string>;
  /** An existing bridge: this dockerd makes no rules of its own, and may run beside another. */
  bridge?: string;
  /** In the namespaces of this user's RootlessKit. */
  user?: TestUser;
}

export async function startDockerd(source: DockerSource, dir: string, options: DockerdOptions = {}): Promise<Daemon> {
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, 'docker.sock');
  const config = join(dir, 'daemon.json');
  writeFileSync(
    config,
    JSON.stringify({ ...(options.containerdStore && { features: { 'containerd-snapshotter': true } }) }),
  );
  const args = ['-H', `unix://${socket}`, '--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec')];
  args.push('--pidfile', join(dir, 'dockerd.pid'), '--config-file', config);
  const { namespace, bridge } = options;
  if (namespace !== undefined)
    args.push(`--containerd-namespace=${namespace}`, `--containerd-plugins-namespace=${namespace}-plugins`);
  if (options.user) args.push('--rootless', '--containerd=/run/containerd/containerd.sock');
  else if (namespace !== undefined) {
    // Where the sandbox removes what is left of it.
    args.push(`--cgroup-parent=/${namespace}`, '--exec-opt=native.cgroupdriver=cgroupfs');
  }
  if (bridge !== undefined) {
    args.push(`--bridge=${bridge}`, '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false');
    args.push('--userland-proxy=false');
  }
  const libraries = source.libraries !== undefined && { LD_LIBRARY_PATH: source.libraries };
  const env = { PATH: source.path, ...libraries, ...options.env };
  const dockerd = fileIn(source.path, 'dockerd');
  const start = { env, socket, log: join(dir, 'log') };
  if (!options.user) return startDaemon({ file: dockerd, args, ...start });
  const [file, words] = engineSide(options.user).inNetwork(dockerd, args);
  const { home: HOME, runtimeDir: XDG_RUNTIME_DIR } = options.user;
  return startDaemon({
    file,
    args: words,
    ...start,
    env: { ...env, PATH: `${env.PATH}:${process.env.PATH}`, HOME, XDG_RUNTIME_DIR },
  });
}

function fileIn(path: string, name: string): string {
  const found = path
    .split(':')
    .map((dir) => join(dir, name))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${name} is not on ${path}`);
  return found;
}
