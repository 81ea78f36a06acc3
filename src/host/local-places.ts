import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type CopyPlace, keepEnding, renamed, splitEntry } from '../docker/copy-paths.ts';
import { bytesOfText } from '../docker/values/byte-text.ts';
import { errnoSentence, isGone, pathError } from './path-error.ts';

/** An argument as an absolute path that still says whether it is a directory. */
export function localPath(argument: string): string {
  return keepEnding(resolve(argument), argument);
}

/**
 * What is to be copied: its links are followed up to the last part, or altogether.
 * @throws Error with docker's sentence
 */
export function localSource(path: string, followLink: boolean): CopyPlace {
  const found = followLink ? renamed(path, realPath(path)) : throughParents(path);
  const stat = look('lstat', found.path, () => lstatSync(found.path));
  return { ...found, exists: true, isDirectory: stat.isDirectory() };
}

/** The last part stays as it is; a slash at the end makes it one of those before. */
function throughParents(path: string): { path: string; rename?: string } {
  const at = path.lastIndexOf('/') + 1;
  const parents = realPath(path.slice(0, at));
  const resolved = `${parents === '/' ? '' : parents}/${path.slice(at)}`;
  return path.endsWith('/') ? renamed(path, resolved) : { path: resolved };
}

/** The sentence names the first part that is not there. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (!isGone(error)) throw pathError('lstat', bytesOfText(path), error);
    const parts = path.split('/').filter(Boolean);
    for (let n = 1; n <= parts.length; n++) {
      const part = `/${parts.slice(0, n).join('/')}`;
      const stat = look('lstat', part, () => lstatSync(part));
      if (stat.isSymbolicLink()) realPath(resolve(dirname(part), readlinkSync(part)));
      else if (!stat.isDirectory()) break;
    }
    throw new Error(errnoSentence(error));
  }
}

const mostLinks = 10;

/**
 * Where something is to be copied to: the target of a link, which need not be there, as long as its directory is.
 * @throws Error with docker's sentence
 */
export function localDestination(given: string): CopyPlace {
  let path = given;
  for (let links = 0; ; links++) {
    const stat = lookIfThere('lstat', path, lstatSync);
    if (stat === undefined) {
      const { dir } = splitEntry(path);
      if (!look('stat', dir, () => statSync(dir)).isDirectory()) throw new Error('not a directory');
      return { path, exists: false, isDirectory: false };
    }
    if (!stat.isSymbolicLink()) return { path, exists: true, isDirectory: stat.isDirectory() };
    if (links > mostLinks) throw new Error(`too many symlinks in ${given}`);
    const target = readlinkSync(path);
    path = target.startsWith('/') ? target : join(splitEntry(path).dir, target);
  }
}

/** @throws Error where a command writes to what is neither a file nor a directory, or is in no directory */
export function requireOutputPath(path: string): void {
  const { dir } = splitEntry(path);
  if (lookIfThere('stat', dir, statSync) === undefined) {
    throw new Error(`invalid output path: directory "${dir}" does not exist`);
  }
  const stat = lookIfThere('stat', path, statSync);
  if (stat && (stat.isCharacterDevice() || stat.isBlockDevice())) {
    throw new Error(`invalid output path: "${path}" must be a directory or a regular file: got a device`);
  }
}

function lookIfThere(operation: string, path: string, stat: (path: string) => Stats): Stats | undefined {
  try {
    return stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw pathError(operation, bytesOfText(path), error);
  }
}

function look(operation: string, path: string, stat: () => Stats): Stats {
  try {
    return stat();
  } catch (error) {
    throw pathError(operation, bytesOfText(path), error);
  }
}
