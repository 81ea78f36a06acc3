import type { DebianBases } from './debian-bases.ts';
import type { Found } from './debs.ts';
import type { Buildxes, Dockers } from './docker.ts';
import type { EngineSource } from './engines.ts';
import type { PodmanSource } from './podman.ts';
import type { RootlessSource } from './rootless.ts';
import type { TestUser } from './user.ts';

/** What the runner tells the test files of one lane: one engine in one sandbox. */
export interface Lane {
  source: EngineSource;
  /** Directory of the engine's files, socket and pid. */
  engineDir: string;
  /** containerd's own data. */
  engineRoot: string;
  address: string;
  ctr: string;
  /** The sandbox's tmpfs. */
  dir: string;
  /** Prefix of the containerd namespaces of this lane. */
  tag: string;
  /** The docker archive with the test images. */
  archive: string;
  busybox: string;
  /** The registry server, where there is one. */
  registry?: string;
  dockerHost?: string;
  /** The dockers that a test may start beside it. */
  dockers?: Dockers;
  buildx?: Buildxes;
  /** What base images can be made of; only where the compat files run. */
  bases?: Found<DebianBases>;
  podman?: Found<PodmanSource>;
  /** What users without root need. */
  rootless?: Found<RootlessSource>;
  /** Where the files run as a user without root. */
  user?: TestUser;
  /** What the e2e files run. */
  target: 'nerdctl' | 'docker';
}

const variable = 'NERDCTL_TEST_LANE';

export function laneToEnv(lane: Lane): Record<string, string> {
  return { [variable]: JSON.stringify(lane) };
}

export function laneFromEnv(): Lane {
  const text = process.env[variable];
  if (text === undefined) throw new Error('this file runs in a sandbox: npm run e2e -- test/e2e/NAME.test.ts');
  return JSON.parse(text) as Lane;
}
