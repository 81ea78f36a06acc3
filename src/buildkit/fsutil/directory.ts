import { realpathSync, statSync } from 'node:fs';
import { type ByteString, bytesOfText } from '../../docker/values/byte-text.ts';
import { pathError } from '../../host/path-error.ts';
import { createFilter } from './filter.ts';
import { followPaths, withoutNested } from './follow.ts';
import type { Tree } from './tree.ts';
import { walkDirectory } from './walk.ts';
import type { XattrReader } from './xattrs-ahead.ts';

/** What the daemon wants of a tree. Patterns are those of `.dockerignore`. */
export interface Selection {
  includes: readonly string[];
  excludes: readonly string[];
  /** Paths that are included together with what their symbolic links lead to. */
  follow: readonly string[];
}

/**
 * @param xattrsIn none: extended attributes are left out
 * @throws Error when there is no such directory, or a pattern is none
 */
export function directoryTree(path: string, { includes, excludes, follow }: Selection, xattrsIn?: XattrReader): Tree {
  const root = realRoot(path);
  const filter = createFilter(allIncludes(root, includes, follow), excludes);
  return {
    walk: (emit, pause) => walkDirectory(root, filter, emit, pause, xattrsIn),
    content: (file) => `${root}/${file}`,
  };
}

function realRoot(path: string): ByteString {
  let root: ByteString;
  try {
    root = realpathSync(path, { encoding: 'buffer' }).toString('latin1');
    if (!statSync(path).isDirectory())
      throw Object.assign(new Error(), { code: 'ENOTDIR', message: 'not a directory' });
  } catch (error) {
    throw pathError('resolve', bytesOfText(path), error);
  }
  return root === '/' ? '' : root;
}

function allIncludes(root: ByteString, includes: readonly string[], follow: readonly string[]): readonly string[] {
  if (follow.length === 0) return includes;
  const targets = followPaths(root, follow);
  return targets ? (withoutNested([...includes, ...targets]) ?? []) : includes;
}
