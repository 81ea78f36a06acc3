import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from './alive.ts';
import { startDockerd } from './daemons.ts';
import type { DockerName } from './docker.ts';
import { type EngineSide, engineSide } from './engine-side.ts';
import { eventually } from './eventually.ts';
import { type Lane, laneFromEnv } from './lane-env.ts';
import { type Result, type RunOptions, run } from './program.ts';

const exec = promisify(execFile);

/** A docker beside the lane's own: its daemon, and its client that talks to that daemon. */
export interface SideDocker {
  version: string;
  pid: number;
  /** The path of its API's socket. */
  socket: string;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  stop(): Promise<void>;
}

export interface SideDockerOptions {
  /** Images in containerd, as docker 29 has by default. */
  containerdStore?: boolean;
  /** Of its containers, and images, in the lane's containerd. */
  namespace?: string;
}

/** The capability that this machine lacks for a docker, or undefined: made for `skip:`. */
export function lacksDocker(name: DockerName, lane = laneFromEnv()): string | undefined {
  const docker = lane.dockers?.[name];
  if (docker !== undefined && !('missing' in docker)) return undefined;
  return `this machine lacks docker ${name}: ${docker?.missing ?? 'not looked for'}`;
}

/** dockerd deletes or takes over a bridge that another one uses: each gets its own. */
async function makeBridge(side: EngineSide): Promise<string> {
  const ip = (...args: string[]) => exec(...side.inNetwork('ip', args));
  for (let n = 1; n < 200; n++) {
    const name = `docker-side${n}`;
    const made = await ip('link', 'add', name, 'type', 'bridge').catch((error: Error) => error);
    if (made instanceof Error) {
      if (/File exists/.test(made.message)) continue;
      throw made;
    }
    await ip('address', 'add', `10.213.${n}.1/24`, 'dev', name);
    await ip('link', 'set', name, 'up');
    return name;
  }
  throw new Error('no free name for a bridge');
}

/** With the ends of the cables of containers that a killed dockerd has left in it. */
async function removeBridge(name: string, side: EngineSide): Promise<void> {
  const { stdout } = await exec(...side.inNetwork('ip', ['-o', 'link', 'show', 'master', name]));
  const ends = stdout.split('\n').flatMap((line) => line.match(/^\d+: ([^@:]+)/)?.[1] ?? []);
  for (const link of [...ends, name]) await exec(...side.inNetwork('ip', ['link', 'delete', link]));
}

/** Starts a docker with files of its own, on the lane's containerd. */
export async function startDocker(
  name: DockerName,
  options: SideDockerOptions = {},
  lane: Lane = laneFromEnv(),
): Promise<SideDocker> {
  const source = lane.dockers?.[name];
  if (source === undefined || 'missing' in source) throw new Error(lacksDocker(name, lane));
  const dir = mkdtempSync(join(lane.dir, `docker-${name}-`));
  const side = engineSide(lane.user);
  const bridge = await makeBridge(side);
  const namespace = options.namespace ?? `${lane.tag}-${bridge}`;
  // A build asks the hub about each base image: refused at once, instead of waiting for a name server.
  const offline = { HTTPS_PROXY: 'http://127.0.0.1:1' };
  const daemon = await startDockerd(source, dir, {
    ...options,
    namespace,
    bridge,
    env: offline,
    ...(lane.user && { user: lane.user }),
  });
  const env = {
    PATH: source.path,
    DOCKER_HOST: `unix://${daemon.socket}`,
    ...(source.libraries !== undefined && { LD_LIBRARY_PATH: source.libraries }),
  };
  return {
    version: source.version,
    pid: daemon.pid,
    socket: daemon.socket,
    run: (args, o = {}) => run('docker', args, { ...o, env: { ...env, ...o.env } }),
    stop: async () => {
      if (isAlive(daemon.pid)) process.kill(daemon.pid, 'SIGTERM');
      await eventually(() => !isAlive(daemon.pid), `docker ${name} to end`);
      // It leaves its data directory mounted on itself.
      for (const point of mountsBelow(dir)) await exec('umount', ['-l', point]).catch(() => {});
      await removeBridge(bridge, side);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The innermost first. */
function mountsBelow(dir: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${dir}/`)).reverse();
}
