import type { BuildCache } from '../../docker/flags/build-cache.ts';
import type { BuildCall } from '../../docker/flags/build-call.ts';
import type { BuildOutput } from '../../docker/flags/build-outputs.ts';
import type { BuildSecret, BuildSsh } from '../../docker/flags/build-secrets.ts';
import type { Ulimit } from '../../docker/flags/ulimit.ts';

/** What a build is asked for: the flags of `docker build`, parsed. */
export interface BuildRequest {
  /** A directory, a URL, or `-`. */
  context: string;
  /** -f: a path, `-`, or empty. */
  file: string;
  /** Fully qualified, with a tag. */
  tags: string[];
  target: string;
  buildArgs: Record<string, string>;
  labels: Record<string, string>;
  noCache: boolean;
  /** Stages that are not taken from the cache. */
  noCacheFilter: string[];
  pull: boolean;
  /** As `--platform` takes them, normalised. */
  platforms: string[];
  network: string;
  /** `host:ip`, not looked at yet. */
  hosts: string[];
  /** Bytes; 0 leaves it to BuildKit. */
  shmSize: number;
  ulimits: Ulimit[];
  cgroupParent: string;
  allow: string[];
  /** By type; null where it is not wanted. */
  attests: Map<string, string | null>;
  /** Attributes for every exporter. */
  annotations: Record<string, string>;
  /** Empty: one image, loaded. --load and --push are in it. */
  outputs: BuildOutput[];
  secrets: BuildSecret[];
  ssh: BuildSsh[];
  cacheFrom: BuildCache[];
  cacheTo: BuildCache[];
  /** Named contexts. */
  contexts: Record<string, string>;
  call?: BuildCall;
}
