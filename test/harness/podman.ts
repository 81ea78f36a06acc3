import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Found, libraryDirs, unpackDebs } from './debs.ts';
import { findProgram } from './engines.ts';
import { laneFromEnv } from './lane-env.ts';
import { type Result, type RunOptions, run } from './program.ts';

const exec = promisify(execFile);

/** podman and skopeo: enough of them to load, save and copy images. */
export interface PodmanSource {
  podman: string;
  skopeo: string;
  env: Record<string, string>;
}

const packages = ['podman', 'skopeo', 'conmon', 'libassuan0', 'libdevmapper1.02.1', 'libgpgme11', 'libsubid4'];
/** Debian 13 has newer ones of these under other names, and Ubuntu none. */
const libraries = ['libaudit1', 'libglib2.0-0', 'libgpg-error0', 'libseccomp2', 'libsemanage2', 'libsepol2'];

/** The machine's own podman and skopeo, or those of Debian 12, which run on what is newer too. */
export async function findPodman(cache: string): Promise<Found<PodmanSource>> {
  const [podman, skopeo] = [findProgram('podman'), findProgram('skopeo')];
  if (podman !== undefined && skopeo !== undefined) return { podman, skopeo, env: {} };
  const debs = await unpackDebs(cache, 'bookworm', [...packages, ...libraries], 'podman');
  if ('missing' in debs) return debs;
  const bin = join(debs.root, 'usr/bin');
  const env = { PATH: `${bin}:${process.env.PATH}:/usr/sbin:/sbin`, LD_LIBRARY_PATH: libraryDirs(debs.root).join(':') };
  const found = { podman: join(bin, 'podman'), skopeo: join(bin, 'skopeo'), env };
  try {
    for (const file of [found.podman, found.skopeo])
      await exec(file, ['--version'], { env: { ...process.env, ...env } });
    return found;
  } catch (error) {
    return { missing: `podman and skopeo: ${(error as Error).message.trim().split('\n').pop()}` };
  }
}

export interface Podman {
  podman(args: readonly string[], options?: RunOptions): Promise<Result>;
  skopeo(args: readonly string[], options?: RunOptions): Promise<Result>;
  remove(): void;
}

/** The capability that this machine lacks for them, or undefined: made for `skip:`. */
export function lacksPodman(): string | undefined {
  const { podman } = laneFromEnv();
  if (podman !== undefined && !('missing' in podman)) return undefined;
  return `this machine lacks podman and skopeo: ${podman?.missing ?? 'not looked for'}`;
}

/** podman with a store of its own, and skopeo. */
export function openPodman(): Podman {
  const { podman: source, dir: top } = laneFromEnv();
  if (source === undefined || 'missing' in source) throw new Error(lacksPodman());
  const dir = mkdtempSync(join(top, 'podman-'));
  // The sandbox's /etc: without the packages installed there is no policy, and without that no image is taken.
  if (!existsSync('/etc/containers/policy.json')) {
    mkdirSync('/etc/containers', { recursive: true });
    writeFileSync('/etc/containers/policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}');
  }
  const own = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--storage-driver', 'vfs'];
  own.push('--cgroup-manager', 'cgroupfs', '--events-backend', 'none', '--tmpdir', join(dir, 'tmp'));
  const call = (file: string, args: readonly string[], o: RunOptions = {}) =>
    run(file, args, { ...o, env: { ...source.env, TMPDIR: dir, ...o.env } });
  return {
    podman: (args, o) => call(source.podman, [...own, ...args], o),
    skopeo: (args, o) => call(source.skopeo, args, o),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
