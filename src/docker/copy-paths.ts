import { posix } from 'node:path';
import { cleanPath } from './ignore/clean-path.ts';

/** One end of a copy: a path of this machine, or one in a container. */
export interface CopyEnd {
  container?: string;
  path: string;
}

/** `NAME:PATH` is in a container; `/a:b`, `./a:b` and `-` are here. */
export function parseCopyEnd(argument: string): CopyEnd {
  const colon = argument.indexOf(':');
  if (argument.startsWith('/') || colon < 0 || argument.startsWith('.')) return { path: argument };
  return { container: argument.slice(0, colon), path: argument.slice(colon + 1) };
}

/** What is known of a source or a destination. */
export interface CopyPlace {
  path: string;
  exists: boolean;
  isDirectory: boolean;
  /** The name that a source has in the archive, where a link on its path has changed the last part of it. */
  rename?: string;
}

/** The last part as Go's `filepath.Base` gives it: slashes at the end do not count, `.` for nothing. */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return path === '' ? '.' : '/';
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

const isCurrent = (path: string) => baseName(path) === '.';
const assertsDirectory = (path: string) => path.endsWith('/') || isCurrent(path);

/** A cleaned path with the `/` or `/.` at its end that it was given with: they say that it is a directory. */
export function keepEnding(cleaned: string, given: string): string {
  let path = cleaned;
  if (!isCurrent(path) && isCurrent(given)) path = `${path.replace(/\/$/, '')}/.`;
  return !path.endsWith('/') && given.endsWith('/') ? `${path}/` : path;
}

/** The directory of a path and the name in it; that of `a/.` is `.`. */
export function splitEntry(path: string): { dir: string; base: string } {
  const cleaned = cleanPath(path);
  if (isCurrent(path)) return { dir: cleaned, base: '.' };
  return { dir: posix.dirname(cleaned), base: baseName(cleaned) };
}

/** A source whose links were followed: with its ending, and with the name that it was asked for by. */
export function renamed(given: string, resolved: string): { path: string; rename?: string } {
  let path = resolved;
  if (isCurrent(given) && !isCurrent(path)) path = `${path.replace(/\/$/, '')}/.`;
  if (given.endsWith('/') && !path.endsWith('/')) path = `${path}/`;
  const name = baseName(given);
  return name === baseName(path) ? { path } : { path, rename: name };
}

/**
 * Where an archive of the source is unpacked, and the name of its top there: its own when the destination is a directory, else
 * the destination's.
 * @throws Error with docker's sentence
 */
export function planCopy(source: CopyPlace, destination: CopyPlace): { dir: string; name: string } {
  const own = source.rename ?? splitEntry(source.path).base;
  if (destination.exists && destination.isDirectory) return { dir: destination.path, name: own };
  if (destination.exists && source.isDirectory) throw new Error('cannot copy directory');
  if (!destination.exists && !source.isDirectory && assertsDirectory(destination.path)) {
    throw new Error('no such directory');
  }
  const { dir, base } = splitEntry(destination.path);
  return { dir, name: base };
}
