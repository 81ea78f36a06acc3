import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findExecutable, pathDirs } from '../../src/host/executables.ts';
import { unpackDebs } from './debs.ts';

const exec = promisify(execFile);

/** A containerd to test with: where its programs are, and nothing about how it runs. */
export interface EngineSource {
  name: string;
  /** As `containerd --version` prints it. */
  version: string;
  /** PATH of the daemon: it decides which shim and which runc are taken. */
  path: string;
  cniPath: string;
}

export type Engine = EngineSource | { name: string; missing: string };

const suites = { '1.6': 'bookworm', '1.7': 'trixie', '2.1': 'forky' } as const;
export type EngineName = keyof typeof suites | 'system';
export const engineNames = [...Object.keys(suites)] as EngineName[];

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const systemCni = ['/opt/cni/bin', '/usr/local/libexec/cni', '/usr/local/lib/cni', '/usr/libexec/cni', '/usr/lib/cni'];

export const findProgram = (name: string, path = systemPath.join(delimiter)): string | undefined =>
  findExecutable(name, pathDirs(path));

async function containerdVersion(file: string): Promise<string | undefined> {
  const { stdout } = await exec(file, ['--version']).catch(() => ({ stdout: '' }));
  return stdout.trim().split(/\s+/)[2];
}

async function systemEngine(): Promise<Engine> {
  const file = findProgram('containerd');
  const cniPath = systemCni.find((dir) => existsSync(join(dir, 'bridge')));
  if (file === undefined) return { name: 'system', missing: 'containerd (package containerd)' };
  if (cniPath === undefined)
    return { name: 'system', missing: 'the CNI plugins (package containernetworking-plugins)' };
  const version = (await containerdVersion(file)) ?? 'unknown';
  return { name: 'system', version, path: systemPath.join(delimiter), cniPath };
}

/** Finds or downloads an engine; one that this machine cannot have says which capability is missing. */
export async function findEngine(name: EngineName, cache: string): Promise<Engine> {
  const system = await systemEngine();
  if (name === 'system') return system;
  if (!('missing' in system) && system.version.replace(/^v/, '').startsWith(`${name}.`)) return { ...system, name };
  const debs = await unpackDebs(cache, suites[name], ['containerd', 'runc', 'containernetworking-plugins']);
  if ('missing' in debs) return { name, missing: debs.missing };
  const bin = join(debs.root, 'usr/bin');
  const sbin = join(debs.root, 'usr/sbin');
  const version = await containerdVersion(join(bin, 'containerd'));
  if (version === undefined) return { name, missing: `a C library that runs the containerd of Debian ${suites[name]}` };
  // A newer suite's runc may want a newer C library than this machine has; the machine's own serves all three.
  for (const dir of [bin, sbin]) {
    await exec(join(dir, 'runc'), ['--version']).catch(() => rmSync(join(dir, 'runc'), { force: true }));
  }
  const path = [bin, sbin, ...systemPath].join(delimiter);
  return { name, version, path, cniPath: join(debs.root, 'usr/lib/cni') };
}
