/** Inside a sandbox: starts the engines of one lane, runs its test files against them, ends the engines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { systemdBooted } from '../../src/host/cgroups.ts';
import { startBuildKit } from './buildkit.ts';
import { type DockerSource, startContainerd, startDockerd } from './daemons.ts';
import type { DockerName } from './docker.ts';
import { type EngineSource, findProgram } from './engines.ts';
import { type Lane, laneToEnv } from './lane-env.ts';
import { type Command, startSession, startUserLane } from './user.ts';

export interface LanePlan {
  source: EngineSource;
  docker?: DockerSource;
  tag: string;
  archive: string;
  busybox: string;
  registry?: string;
  target?: 'nerdctl' | 'docker';
  dockers?: Lane['dockers'];
  buildx?: Lane['buildx'];
  bases?: Lane['bases'];
  podman?: Lane['podman'];
  rootless?: Lane['rootless'];
  /** The files run as a user without root, on an engine of this user's. */
  asUser?: boolean;
  /** Starts a BuildKit for the command, in containerd's namespace `default`, and says so in its environment. */
  buildkit?: DockerName;
  tally: string;
  files: string[];
  /** Replaces the test runner: a shell to look around in, or a benchmark. */
  command?: string[];
}

const [dir, planText] = process.argv.slice(2) as [string, string];
const plan = JSON.parse(planText) as LanePlan;

// The address that every user has: the sandbox has a /run of its own.
const engineDir = '/run/containerd';
const containerd = plan.asUser ? undefined : await startContainerd(plan.source, engineDir);
const dockerd = plan.docker && (await startDockerd(plan.docker, join(dir, 'docker')));

let path = [plan.source.path, ...(plan.docker ? [plan.docker.path] : []), process.env.PATH ?? ''].join(':');
const lane: Lane = {
  source: plan.source,
  engineDir,
  engineRoot: containerd?.root ?? '',
  address: containerd?.socket ?? '',
  ctr: findProgram('ctr', plan.source.path) ?? 'ctr',
  dir,
  tag: plan.tag,
  archive: plan.archive,
  busybox: plan.busybox,
  ...(plan.registry !== undefined && { registry: plan.registry }),
  target: plan.target ?? 'nerdctl',
  ...(plan.dockers && { dockers: plan.dockers }),
  ...(plan.buildx && { buildx: plan.buildx }),
  ...(plan.bases && { bases: plan.bases }),
  ...(plan.podman && { podman: plan.podman }),
  ...(plan.rootless && { rootless: plan.rootless }),
  ...(dockerd && { dockerHost: `unix://${dockerd.socket}` }),
};
const testRunner = [
  process.execPath,
  '--import=tsx',
  '--test',
  '--test-concurrency=1',
  // also of a whole file: the longest makes two hundred containers
  '--test-timeout=600000',
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  '--test-reporter=./test/harness/tally.mjs',
  `--test-reporter-destination=${plan.tally}`,
  ...plan.files,
];
const buildkit = plan.buildkit && (await startBuildKit('default', { docker: plan.buildkit }, lane));
if (buildkit?.buildxPath !== undefined) {
  await buildkit.buildx(['version']);
  path = `${dirname(buildkit.buildxPath)}:${path}`;
}
const user = plan.asUser ? await (systemdBooted() ? startSession(lane) : startUserLane(lane)) : undefined;
const { NERDCTL_TEST_PROGRAM } = process.env;
const own = {
  ...buildkit?.env,
  PATH: path,
  CNI_PATH: plan.source.cniPath,
  ...(NERDCTL_TEST_PROGRAM !== undefined && { NERDCTL_TEST_PROGRAM }),
};
const [file, ...args] = plan.command ?? testRunner;
const command: Command = { file: file!, args, env: { ...laneToEnv(user?.lane ?? lane), ...own } };
const theirs = user?.as(command) ?? command;
const child = spawn(theirs.file, theirs.args, { ...theirs, env: { ...process.env, ...theirs.env }, stdio: 'inherit' });
process.on('SIGTERM', () => child.kill('SIGTERM'));
const [code] = (await once(child, 'close')) as [number | null];
await buildkit?.stop();
await user?.stop();
for (const daemon of [dockerd, containerd]) {
  try {
    if (daemon) process.kill(daemon.pid, 'SIGTERM');
  } catch {
    // a test killed it
  }
}
process.exitCode = code ?? 1;
