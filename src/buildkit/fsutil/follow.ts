import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { cleanPath } from '../../docker/ignore/clean-path.ts';
import { matchGlob } from '../../docker/ignore/glob.ts';
import { type ByteString, bytesOfText, textOfBytes } from '../../docker/values/byte-text.ts';
import { isGone, pathError } from '../../host/path-error.ts';

/**
 * The patterns that take the given paths (the last names may have wildcards) and all that they lead to: symbolic links
 * are resolved below the top directory, which is `/` for them. Undefined where they lead to everything.
 */
export function followPaths(root: ByteString, paths: readonly string[]): string[] | undefined {
  const found = new Set<string>();
  for (const path of paths) follow(root, path, found);
  return withoutNested([...found].sort(byBytes));
}

function follow(root: ByteString, path: string, found: Set<string>): void {
  let rest = posix.join('.', path).replace(/^\/+|\/+$/g, '');
  let current = '.';
  do {
    const slash = rest.indexOf('/');
    current = posix.join(current, slash < 0 ? rest : rest.slice(0, slash));
    rest = slash < 0 ? '' : rest.slice(slash + 1);
    const targets = targetsOf(root, current);
    if ((rest === '' || targets) && found.has(current)) return;
    if (targets) {
      found.add(current);
      for (const target of targets) follow(root, posix.join(target, rest), found);
      return;
    }
  } while (rest !== '');
  found.add(current);
}

/** Undefined when it is no symbolic link; with a wildcard, the targets of all links that it stands for. */
function targetsOf(root: ByteString, path: string): string[] | undefined {
  const dir = posix.dirname(path);
  const base = posix.basename(path);
  const names = hasWildcard(base)
    ? namesOf(`${root}/${bytesOfText(dir)}`).filter((name) => matches(base, name))
    : [base];
  const targets = names.flatMap((name) => targetOf(root, posix.join(dir, name)) ?? []);
  return targets.length > 0 ? targets : undefined;
}

function targetOf(root: ByteString, path: string): string | undefined {
  // What is above the top directory is none of our business; the pattern stays, and matches nothing.
  if (path === '.' || path === '..' || path.startsWith('../')) return undefined;
  const full = `${root}/${bytesOfText(path)}`;
  const file = Buffer.from(full, 'latin1');
  let link: string;
  try {
    if (!lstatSync(file).isSymbolicLink()) return undefined;
    link = textOfBytes(readlinkSync(file, { encoding: 'buffer' }).toString('latin1'));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw pathError('lstat', full, error);
  }
  return link.startsWith('/') ? cleanPath(link) : posix.join('/', posix.dirname(path), link);
}

function namesOf(full: ByteString): string[] {
  try {
    const names = readdirSync(Buffer.from(full, 'latin1'), { encoding: 'buffer' });
    return names.map((name) => textOfBytes(name.toString('latin1')));
  } catch (error) {
    if (isGone(error)) return [];
    throw pathError('open', full, error);
  }
}

function matches(pattern: string, name: string): boolean {
  try {
    return matchGlob(pattern, name);
  } catch {
    return false;
  }
}

function hasWildcard(name: string): boolean {
  return /[*?[]/.test(name.replace(/\\./gsu, ''));
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(bytesOfText(a), 'latin1'), Buffer.from(bytesOfText(b), 'latin1'));
}

/** Leaves out what follows a pattern that it lies below. Undefined when one of them is the top directory. */
export function withoutNested(patterns: readonly string[]): string[] | undefined {
  const out: string[] = [];
  let last = '';
  for (const pattern of patterns) {
    if (pattern === '.') return undefined;
    if (pattern.startsWith(`${last}/`)) continue;
    out.push(pattern);
    last = pattern;
  }
  return out;
}
