import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Found, unpackDebs } from './debs.ts';
import { findProgram } from './engines.ts';

const exec = promisify(execFile);

/** What a user without root needs besides an engine; RootlessKit 2 can detach the network namespace. */
export interface RootlessSource {
  /** The programs of RootlessKit, by major version. */
  rootlesskit: { 1: string; 2: string };
  newuidmap: string;
  newgidmap: string;
  getsubids: string;
  slirp4netns: string;
}

/** RootlessKit 1.1 and 2.0 from Debian, and the machine's own, or Debian 12's, programs besides. */
export async function findRootless(cache: string): Promise<Found<RootlessSource>> {
  const one = await unpackDebs(cache, 'bookworm', ['rootlesskit', 'uidmap', 'slirp4netns', 'libslirp0'], 'rootless');
  if ('missing' in one) return one;
  const two = await unpackDebs(cache, 'trixie', ['rootlesskit'], 'rootless');
  if ('missing' in two) return two;
  const bin = join(one.root, 'usr/bin');
  const named = (name: string) => findProgram(name) ?? join(bin, name);
  const rootlesskit = { 1: join(bin, 'rootlesskit'), 2: join(two.root, 'usr/bin/rootlesskit') };
  try {
    for (const file of Object.values(rootlesskit)) await exec(file, ['--version']);
    await exec(named('slirp4netns'), ['--version']);
  } catch (error) {
    return { missing: `RootlessKit and slirp4netns: ${(error as Error).message.trim().split('\n').pop()}` };
  }
  return {
    rootlesskit,
    newuidmap: named('newuidmap'),
    newgidmap: named('newgidmap'),
    getsubids: named('getsubids'),
    slirp4netns: named('slirp4netns'),
  };
}
