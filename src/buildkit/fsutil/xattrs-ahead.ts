import type { ByteString } from '../../docker/values/byte-text.ts';
import type { Xattr } from '../../host/helper.ts';

/** Of the entries of a directory that have any. */
export type DirXattrs = Map<ByteString, Xattr[]>;

/** Does not reject. */
export type XattrReader = (dir: ByteString) => Promise<DirXattrs>;

/** For a walk, which names directories by their path with a slash at its end; the root's is empty. */
export interface XattrsAhead {
  /** @param wanted whether the walk will go into the directory of this name */
  enter(prefix: ByteString, dirs: readonly ByteString[], wanted: (name: ByteString) => boolean): void;
  of(prefix: ByteString): DirXattrs | Promise<DirXattrs>;
  leave(prefix: ByteString): void;
}

/** Directories of one level that are asked for before the walk comes to them. */
const AHEAD = 32;

/**
 * Asks before the answer is needed: it comes from another process, and a walk that asked for one directory after the other
 * would mostly wait.
 */
export function xattrsAhead(root: ByteString, read: XattrReader): XattrsAhead {
  const asked = new Map<ByteString, DirXattrs | Promise<DirXattrs>>();
  const levels: { left: Iterator<ByteString> }[] = [];

  function ask(prefix: ByteString): DirXattrs | Promise<DirXattrs> {
    let answer = asked.get(prefix);
    if (answer === undefined) {
      const path = `${root}/${prefix}`;
      answer = read(path === '/' ? path : path.slice(0, -1)).then((found) => {
        if (asked.has(prefix)) asked.set(prefix, found);
        return found;
      });
      asked.set(prefix, answer);
    }
    return answer;
  }

  function* wantedDirs(prefix: ByteString, dirs: readonly ByteString[], wanted: (name: ByteString) => boolean) {
    for (const name of dirs) if (wanted(name)) yield `${prefix}${name}/`;
  }

  function askNext(count: number): void {
    const level = levels.at(-1);
    for (let i = 0; level && i < count; i++) {
      const { value } = level.left.next();
      if (value === undefined) return;
      ask(value);
    }
  }

  return {
    enter(prefix, dirs, wanted) {
      levels.push({ left: wantedDirs(prefix, dirs, wanted) });
      askNext(AHEAD);
    },
    of: ask,
    leave(prefix) {
      asked.delete(prefix);
      levels.pop();
      askNext(1);
    },
  };
}
