import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import type { BuildxName, DockerName } from './docker.ts';
import { type Bridge, bridgeBuildKit } from './grpc-bridge.ts';
import { type Lane, laneFromEnv } from './lane-env.ts';
import { type Result, type RunOptions, run } from './program.ts';
import { lacksDocker, type SideDocker, startDocker } from './side-docker.ts';

/** A BuildKit in the sandbox: the one inside a dockerd. */
export interface BuildKit {
  /** `unix://…`: gRPC on a plain socket, as buildkitd serves it (BUILDKIT_HOST). */
  address: string;
  /** The dockerd around it; its API's socket is what `docker://` means. */
  docker: SideDocker;
  /** Docker's own client, building on this BuildKit. */
  buildx(args: readonly string[], options?: RunOptions): Promise<Result>;
  buildxPath?: string;
  /** The same at a port, with TLS or without; its address is `tcp://…`. */
  serveTcp(tls?: TlsOptions): Promise<Bridge>;
  /** What a shell needs for BUILDKIT_HOST and `docker-buildx`. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export interface BuildKitOptions {
  /**
   * 26.1 unless given, with the containerd image store: its worker shares the namespace with the test. 20.10 is the old
   * daemon, with docker's own store.
   */
  docker?: DockerName;
  /** Docker's own store instead of containerd's: a BuildKit that shares nothing with us. */
  ownStore?: boolean;
  /** The client for buildx(): that of the docker's time, unless given. */
  buildx?: BuildxName;
}

const buildxOf = (o: BuildKitOptions): BuildxName => o.buildx ?? (o.docker === '28.5' ? '0.29' : '0.13');

/** The capability that this machine lacks for BuildKit, or undefined: made for `skip:`. */
export function lacksBuildKit(name: DockerName = '26.1', lane = laneFromEnv()): string | undefined {
  return lacksDocker(name, lane);
}

/** The capability that is lacking for comparing builds with docker-buildx on such a BuildKit. */
export function lacksBuildx(options: BuildKitOptions = {}, lane = laneFromEnv()): string | undefined {
  const name = buildxOf(options);
  const buildx = lane.buildx?.[name];
  if (buildx !== undefined && !('missing' in buildx)) return lacksBuildKit(options.docker, lane);
  return `this machine lacks docker-buildx ${name}: ${buildx?.missing ?? 'not looked for'}`;
}

/** @param namespace of containerd, for what BuildKit keeps and for the images that it builds in place */
export async function startBuildKit(
  namespace: string,
  options: BuildKitOptions = {},
  lane: Lane = laneFromEnv(),
): Promise<BuildKit> {
  const name = options.docker ?? '26.1';
  const containerdStore = name !== '20.10' && !options.ownStore;
  const docker = await startDocker(name, { namespace, containerdStore }, lane);
  const dir = `${docker.socket}.buildkit`;
  mkdirSync(dir);
  const bridges: Bridge[] = [];
  const serve = async (how: Parameters<typeof bridgeBuildKit>[1]) => {
    const bridge = await bridgeBuildKit(docker.socket, how);
    bridges.push(bridge);
    return bridge;
  };
  const { address } = await serve({ path: join(dir, 'buildkitd.sock') });
  const env = { BUILDX_CONFIG: join(dir, 'buildx'), BUILDX_BUILDER: 'sandbox' };
  const buildx = lane.buildx?.[buildxOf(options)];
  const program = buildx && 'path' in buildx ? buildx.path : undefined;
  const call = (args: readonly string[], o: RunOptions = {}): Promise<Result> => {
    if (program === undefined) throw new Error(lacksBuildx(options, lane));
    return run(program, args, { ...o, env: { ...env, ...o.env } });
  };
  let builder: Promise<Result> | undefined;
  const makeBuilder = () => {
    const args = ['create', '--name', 'sandbox', '--driver', 'remote', address];
    builder ??= call(args, { env: { BUILDX_BUILDER: undefined } });
    return builder;
  };
  return {
    address,
    docker,
    buildx: async (args, o) => {
      await makeBuilder();
      return call(args, o);
    },
    ...(program !== undefined && { buildxPath: program }),
    serveTcp: (tls) => serve(tls === undefined ? {} : { tls }),
    env: { ...env, BUILDKIT_HOST: address, DOCKER_SOCKET: docker.socket },
    stop: async () => {
      for (const bridge of bridges) bridge.close();
      // Its cache would stay in the namespace. A daemon that a test has killed cannot.
      await docker.run(['builder', 'prune', '-af']);
      await docker.stop();
    },
  };
}
