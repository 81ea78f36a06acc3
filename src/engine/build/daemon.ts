import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildKit, connectBuildKit, type TlsFiles } from '../../buildkit/client.ts';
import { DockerError } from '../../docker/errors.ts';
import type { WorkerRecord } from '../../gen/moby/buildkit/v1/control.ts';
import { pathDirs } from '../../host/executables.ts';
import type { Engine } from '../engine.ts';
import { daemonSockets, type Env } from './daemon-places.ts';

export interface BuildDaemon {
  address: string;
  client: BuildKit;
  /** Never empty. */
  workers: WorkerRecord[];
}

export interface DaemonOptions {
  /** --buildkit-host, or empty. */
  host: string;
  env: Env;
  /** Milliseconds: one that accepts connections and never answers is no daemon. */
  patience?: number;
}

const answerTimeout = 10_000;

/**
 * The BuildKit that builds: the one that was named, in BUILDKIT_HOST or by the flag, or the first of Go nerdctl's places
 * that answers.
 * @throws DockerError unavailable, saying how to get one
 */
export async function openDaemon(
  engine: Engine,
  { host, env, patience = answerTimeout }: DaemonOptions,
): Promise<BuildDaemon> {
  const named = host || env.BUILDKIT_HOST;
  if (named) return connect(engine, named, patience);
  const candidates = daemonSockets(engine.settings.namespace, env);
  const failures: unknown[] = [];
  for (const path of candidates.filter((each) => existsSync(each))) {
    try {
      return await connect(engine, `unix://${path}`, patience);
    } catch (error) {
      if (engine.signal.aborted) throw error;
      failures.push(error);
    }
  }
  // One that is there and does not answer, or not to us, is what the user wants to know of.
  if (failures.length > 0) throw failures[0];
  throw new DockerError(
    'unavailable',
    noDaemonSentence(candidates.at(-1)!, { env, uid: process.geteuid?.() ?? 0, exists: existsSync }),
  );
}

/** What to do where there is no BuildKit, by what this machine has. */
export function noDaemonSentence(
  socket: string,
  { env, uid, exists }: { env: Env; uid: number; exists: (path: string) => boolean },
): string {
  const has = (program: string) => pathDirs(env.PATH).some((dir) => exists(join(dir, program)));
  const none = `no BuildKit answers at unix://${socket}`;
  if (has('buildkitd')) {
    return uid === 0
      ? `${none}: start it with "nerdctl system start"`
      : `${none}: start it with "containerd-rootless-setuptool.sh install-buildkit-containerd"`;
  }
  if (exists('/var/run/docker.sock')) {
    return `${none}: use the one inside docker with --buildkit-host docker:// or BUILDKIT_HOST=docker:// (docker needs the containerd image store for it)`;
  }
  return `${none}: install buildkitd (https://github.com/moby/buildkit/releases) and start it, or name one elsewhere with --buildkit-host or BUILDKIT_HOST`;
}

async function connect(engine: Engine, named: string, patience: number): Promise<BuildDaemon> {
  const { address, tls } = splitAddress(named);
  const client = connectBuildKit({ address, tls, signal: engine.signal });
  try {
    const workers = await answered(client.listWorkers(), address, patience);
    if (workers.length === 0) throw new DockerError('unavailable', `the BuildKit at ${address} has no worker`);
    return { address, client, workers };
  } catch (error) {
    client.close();
    throw error;
  }
}

/**
 * `tcp://HOST:PORT?cacert=…&cert=…&key=…&servername=…`: the names of buildx's remote driver.
 * @throws DockerError `invalid`
 */
export function splitAddress(named: string): { address: string; tls?: TlsFiles } {
  const question = named.indexOf('?');
  if (question < 0 || !/^(docker:\/\/)?tcp:/.test(named)) return { address: named };
  const address = named.slice(0, question);
  const tls: TlsFiles = {};
  for (const [key, value] of new URLSearchParams(named.slice(question + 1))) {
    if (key === 'cacert') tls.ca = value;
    else if (key === 'cert' || key === 'key') tls[key] = value;
    else if (key === 'servername') tls.serverName = value;
    else throw new DockerError('invalid', `invalid BuildKit address "${named}": unknown option "${key}"`);
  }
  return { address, tls };
}

async function answered<T>(answer: Promise<T>, address: string, patience: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const sentence = `cannot connect to BuildKit at ${address}: it does not answer`;
    timer = setTimeout(() => reject(new DockerError('unavailable', sentence)), patience);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/**
 * Whether a worker keeps its images where this engine has its own: then a result need not be moved.
 * @throws DockerError unavailable where no containerd answers
 */
export async function sharesImages(engine: Engine, { workers }: BuildDaemon): Promise<boolean> {
  const label = (name: string) => workers[0]?.Labels[`org.mobyproject.buildkit.worker.${name}`];
  if (label('executor') !== 'containerd') return false;
  if (label('containerd.namespace') !== engine.settings.namespace) return false;
  if (label('snapshotter') !== engine.settings.snapshotter) return false;
  return label('containerd.uuid') === (await engine.containerd.introspection.server()).uuid;
}
