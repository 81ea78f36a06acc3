import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerSource } from './daemons.ts';
import { type Found, libraryDirs, unpackDebs } from './debs.ts';
import { findProgram } from './engines.ts';

const exec = promisify(execFile);

/** The dockers that tests ask for, by the suite of Debian that has it. */
const suites = {
  '20.10': { suite: 'bookworm', packages: ['docker.io', 'libdevmapper1.02.1'] },
  '26.1': { suite: 'trixie', packages: ['docker.io', 'docker-cli'] },
  '28.5': { suite: 'forky', packages: ['docker.io', 'docker-cli'] },
} as const;
export type DockerName = keyof typeof suites;
const dockerNames = Object.keys(suites) as DockerName[];

/** @throws Error that names them, for any other */
export function dockerNamed(name: string | undefined): DockerName | undefined {
  if (name === undefined || dockerNames.includes(name as DockerName)) return name as DockerName | undefined;
  throw new Error(`no docker ${name}: there are ${dockerNames.join(', ')}`);
}

export type Dockers = Record<DockerName, Found<DockerSource>>;

async function versionOf(dockerd: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await exec(dockerd, ['--version'], { env }).catch(() => ({ stdout: '' }));
  return stdout.match(/version ([^,]+)/)?.[1];
}

/** The dockerd and docker that the distribution has installed here. */
async function ownDocker(systemPath: string): Promise<DockerSource | undefined> {
  const own = ['/usr/sbin', '/usr/bin'].map((dir) => join(dir, 'dockerd')).find((file) => existsSync(file));
  if (own === undefined || !existsSync('/usr/bin/docker')) return undefined;
  const version = await versionOf(own, process.env);
  return version === undefined ? undefined : { path: `/usr/sbin:/usr/bin:${systemPath}`, version };
}

/** The docker of one Debian suite, unpacked into the cache: nothing is installed, so no service of it ever starts. */
async function unpackedDocker(name: DockerName, cache: string, systemPath: string): Promise<Found<DockerSource>> {
  const { suite, packages } = suites[name];
  const debs = await unpackDebs(cache, suite, packages);
  if ('missing' in debs) return debs;
  const path = [join(debs.root, 'usr/sbin'), join(debs.root, 'usr/bin'), systemPath].join(':');
  const libraries = libraryDirs(debs.root).join(':');
  const version = await versionOf(join(debs.root, 'usr/sbin/dockerd'), { ...process.env, LD_LIBRARY_PATH: libraries });
  if (version !== undefined && findProgram('docker', path) !== undefined) return { path, libraries, version };
  return { missing: `a C library that runs the docker of Debian ${suite}` };
}

/** The docker that the compat tier compares with: the machine's own, or one of Debian's. */
export async function findDocker(cache: string, systemPath: string): Promise<Found<DockerSource>> {
  const own = await ownDocker(systemPath);
  if (own !== undefined) return own;
  const reasons: string[] = [];
  for (const name of ['26.1', '20.10'] as const) {
    const docker = await unpackedDocker(name, cache, systemPath);
    if (!('missing' in docker)) return docker;
    reasons.push(docker.missing);
  }
  return { missing: reasons.join('; ') };
}

/** Every docker that this machine can have, to be started beside each other; see startDocker(). */
export async function findDockers(cache: string, systemPath: string, mayBeOwn = true): Promise<Dockers> {
  const own = mayBeOwn ? await ownDocker(systemPath) : undefined;
  const find = async (name: DockerName) =>
    own?.version.startsWith(`${name}.`) ? own : unpackedDocker(name, cache, systemPath);
  const found = await Promise.all(dockerNames.map(async (name) => [name, await find(name)] as const));
  return Object.fromEntries(found) as Dockers;
}

/** Docker's own build client, which runs without docker too, by the suite of Debian that has it. */
const buildxSuites = { '0.13': 'trixie', '0.29': 'forky' } as const;
export type BuildxName = keyof typeof buildxSuites;
export type Buildxes = Record<BuildxName, Found<{ path: string }>>;

async function unpackedBuildx(name: BuildxName, cache: string): Promise<Found<{ path: string }>> {
  const suite = buildxSuites[name];
  const debs = await unpackDebs(cache, suite, ['docker-buildx']);
  if ('missing' in debs) return debs;
  const path = join(debs.root, 'usr/libexec/docker/cli-plugins/docker-buildx');
  const runs = await exec(path, ['version']).then(
    () => true,
    () => false,
  );
  return runs ? { path } : { missing: `a C library that runs the docker-buildx of Debian ${suite}` };
}

export async function findBuildxes(cache: string): Promise<Buildxes> {
  const names = Object.keys(buildxSuites) as BuildxName[];
  const found = await Promise.all(names.map(async (name) => [name, await unpackedBuildx(name, cache)] as const));
  return Object.fromEntries(found) as Buildxes;
}
