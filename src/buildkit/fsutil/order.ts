import type { ByteString } from '../../docker/values/byte-text.ts';
import { type FileStat, GoMode, isDirectory } from './stat.ts';

/**
 * Checks that a list of entries is what {@link Tree} says: clean relative paths, in order, each in a directory that came
 * before, hard links only to files that came before. So nothing is written outside the directory, nor through a link.
 * @throws Error from the returned function, in the words of fsutil
 */
export function listValidator(): (stat: FileStat) => void {
  const parents: { dir: ByteString; last: ByteString }[] = [{ dir: '', last: '' }];
  const files = new Set<ByteString>();

  return (stat) => {
    const { path, mode, linkname } = stat;
    const names = path.split('/');
    if (names[0] === '' && path !== '') throw new Error(`absolute path ${path}: invalid argument`);
    if (names.includes('..')) throw new Error(`escape check ${path}: invalid argument`);
    if (names.includes('') || names.includes('.') || path.includes('\0')) {
      throw new Error(`unclean path ${path}: invalid argument`);
    }
    const base = names.pop()!;
    const dir = names.join('/');
    let parent = parents.at(-1)!;
    while (parent.dir !== dir && parents.length > 1) {
      parents.pop();
      parent = parents.at(-1)!;
    }
    if (parent.dir !== dir || parent.last >= base) {
      const last = parent.dir === '' ? parent.last : `${parent.dir}/${parent.last}`;
      throw new Error(`changes out of order: ${JSON.stringify(path)} ${JSON.stringify(last)}`);
    }
    parent.last = base;
    if (isDirectory(mode)) {
      parents.push({ dir: path, last: '' });
    } else if ((mode & GoMode.SYMLINK) === 0) {
      if (linkname === '') files.add(path);
      else if (!files.has(linkname))
        throw new Error(`invalid link ${path} to unknown path: ${JSON.stringify(linkname)}`);
    }
  };
}
