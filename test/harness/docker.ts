import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerSource } from './daemons.ts';
import { unpackDebs } from './debs.ts';
import { findProgram } from './engines.ts';

const exec = promisify(execFile);

async function versionOf(dockerd: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await exec(dockerd, ['--version'], { env }).catch(() => ({ stdout: '' }));
  return stdout.match(/version ([^,]+)/)?.[1];
}

/** Directories of one unpacked suite that hold shared libraries. */
function libraryDirs(root: string): string[] {
  const top = join(root, 'usr/lib');
  if (!existsSync(top)) return [];
  return [
    top,
    ...readdirSync(top)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(top, name)),
  ];
}

/**
 * The docker that the compat tier compares with: the machine's own dockerd and docker of the distribution, or the
 * packages of a Debian suite unpacked into the cache. Nothing is installed, so no service of it ever starts.
 */
export async function findDocker(cache: string, systemPath: string): Promise<DockerSource | { missing: string }> {
  const own = ['/usr/sbin', '/usr/bin'].map((dir) => join(dir, 'dockerd')).find((file) => existsSync(file));
  if (own !== undefined && existsSync('/usr/bin/docker')) {
    const version = await versionOf(own, process.env);
    if (version !== undefined) return { path: `/usr/sbin:/usr/bin:${systemPath}`, version };
  }
  const reasons: string[] = [];
  const packages: Record<string, string[]> = {
    trixie: ['docker.io', 'docker-cli'],
    bookworm: ['docker.io', 'libdevmapper1.02.1'],
  };
  for (const [suite, names] of Object.entries(packages)) {
    const debs = await unpackDebs(cache, suite, names);
    if ('missing' in debs) {
      reasons.push(debs.missing);
      continue;
    }
    const path = [join(debs.root, 'usr/sbin'), join(debs.root, 'usr/bin'), systemPath].join(':');
    const libraries = libraryDirs(debs.root).join(':');
    const version = await versionOf(join(debs.root, 'usr/sbin/dockerd'), {
      ...process.env,
      LD_LIBRARY_PATH: libraries,
    });
    if (version !== undefined && findProgram('docker', path) !== undefined) return { path, libraries, version };
    reasons.push(`a C library that runs the docker of Debian ${suite}`);
  }
  return { missing: reasons.join('; ') };
}
