import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes in the files below a directory; a file with several links counts once. What cannot be read counts nothing. */
export async function volumeSize(directory: string, seen = new Set<string>()): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  let total = 0;
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      total += await volumeSize(path, seen);
      continue;
    }
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) continue;
    const inode = `${stat.dev}:${stat.ino}`;
    if (stat.nlink > 1 && seen.has(inode)) continue;
    seen.add(inode);
    total += stat.size;
  }
  return total;
}
