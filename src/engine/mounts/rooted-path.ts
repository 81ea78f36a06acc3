import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';

/**
 * Follows `path` as a process would whose root directory is `root`: links, absolute ones and `..` too, never lead out.
 * Only for trees that nobody changes meanwhile.
 * @returns the host path, or undefined when nothing is there
 */
export function resolveInRoot(root: string, path: string): string | undefined {
  const pending = path.split('/').reverse();
  let reached: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      reached.pop();
      continue;
    }
    const stat = lstatSync(join(root, ...reached, part), { throwIfNoEntry: false });
    if (!stat) return undefined;
    if (!stat.isSymbolicLink()) {
      // A file in the middle of the path: nothing can be below it.
      if (!stat.isDirectory() && pending.some((rest) => rest !== '' && rest !== '.')) return undefined;
      reached.push(part);
      continue;
    }
    links += 1;
    if (links > 255) throw new DockerError('invalid', `too many levels of symbolic links in the image at ${path}`);
    const target = readlinkSync(join(root, ...reached, part));
    if (target.startsWith('/')) reached = [];
    pending.push(...target.split('/').reverse());
  }
  return join(root, ...reached);
}
