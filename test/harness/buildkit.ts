import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DockerName } from './docker.ts';
import { bridgeBuildKit } from './grpc-bridge.ts';
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
}

/** The capability that this machine lacks for BuildKit, or undefined: made for `skip:`. */
export function lacksBuildKit(name: DockerName = '26.1', lane = laneFromEnv()): string | undefined {
  return lacksDocker(name, lane);
}

/** The capability that is lacking for comparing builds with docker-buildx. */
export function lacksBuildx(lane = laneFromEnv()): string | undefined {
  if (lane.buildx !== undefined && !('missing' in lane.buildx)) return lacksBuildKit('26.1', lane);
  return `this machine lacks docker-buildx: ${lane.buildx?.missing ?? 'not looked for'}`;
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
  const socket = join(dir, 'buildkitd.sock');
  const bridge = await bridgeBuildKit(docker.socket, socket);
  const address = `unix://${socket}`;
  const env = { BUILDX_CONFIG: join(dir, 'buildx'), BUILDX_BUILDER: 'sandbox' };
  const program = lane.buildx && 'path' in lane.buildx ? lane.buildx.path : undefined;
  const call = (args: readonly string[], o: RunOptions = {}): Promise<Result> => {
    if (program === undefined) throw new Error(lacksBuildx(lane));
    return run(program, args, { ...o, env: { ...env, ...o.env } });
  };
  let builder: Promise<Result> | undefined;
  const makeBuilder = () => {
    builder ??= call(['create', '--name', 'sandbox', '--driver', 'remote', address], {
      env: { BUILDX_BUILDER: undefined },
    });
    return builder;
  };
  return {
    address,
    docker,
    buildx: async (args, o) => {
      await makeBuilder();
      return call(args, o);
    },
    env: { ...env, BUILDKIT_HOST: address, DOCKER_SOCKET: docker.socket },
    stop: async () => {
      bridge.close();
      // Its cache would stay in the namespace. A daemon that a test has killed cannot.
      await docker.run(['builder', 'prune', '-af']);
      await docker.stop();
    },
  };
}
