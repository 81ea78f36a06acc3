import { bytesOfText } from '../../docker/values/byte-text.ts';
import type { Selection } from './directory.ts';
import { createFilter } from './filter.ts';
import { type FileStat, fileStat } from './stat.ts';
import type { Tree } from './tree.ts';

/** Files of one directory that is nowhere on disk: a Dockerfile from standard input, for one. */
export function memoryTree(
  files: ReadonlyMap<string, Uint8Array>,
  modTime: bigint,
  { includes, excludes, follow }: Selection,
): Tree {
  // A file here is no link.
  const filter = createFilter(follow.includes('.') ? [] : [...includes, ...follow], excludes);
  const contents = new Map([...files].map(([name, bytes]) => [bytesOfText(name), bytes] as const));
  const stats = [...contents].map(([path, bytes]): FileStat => fileStat(path, 0o644, { size: bytes.length, modTime }));
  return {
    async walk(emit, pause) {
      for (const stat of stats.sort((a, b) => (a.path < b.path ? -1 : 1))) {
        if (filter && filter.look(stat.path, false).verdict !== 'send') continue;
        // The sender may keep it.
        emit({ ...stat });
        await pause();
      }
    },
    content: (path) => contents.get(path) ?? new Uint8Array(0),
  };
}
