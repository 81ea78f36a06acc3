import { type FileHandle, open } from 'node:fs/promises';

export interface LogFile {
  handle: FileHandle;
  inode: number;
}

/**
 * Opens a log and its rotated files (`.1` is the youngest), oldest first. They are opened from the youngest on: a
 * rotation in between shows as the same file twice, never as a gap.
 * @param after stop at the file with this inode, without it
 */
export async function openLogFiles(path: string, after?: number): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (let i = 0; ; i++) {
    const handle = await open(i === 0 ? path : `${path}.${i}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (!handle) {
      // In the middle of a rotation the current file is missing for a moment.
      if (i === 0) continue;
      break;
    }
    const { ino } = await handle.stat();
    if (ino === after) {
      await handle.close();
      break;
    }
    if (files.some((f) => f.inode === ino)) await handle.close();
    else files.unshift({ handle, inode: ino });
  }
  return files;
}

const block = 64 * 1024;

/** Where the last `count` lines begin: the index of the file, and the offset in it. */
export async function tailStart(files: LogFile[], count: number): Promise<{ index: number; offset: number }> {
  const buffer = Buffer.alloc(block);
  let left = count;
  for (let index = files.length - 1; index >= 0; index--) {
    const file = files[index];
    if (!file) break;
    let end = (await file.handle.stat()).size;
    let last = end;
    while (end > 0) {
      const start = Math.max(0, end - block);
      const { bytesRead } = await file.handle.read(buffer, 0, end - start, start);
      for (let at = buffer.lastIndexOf(10, bytesRead - 1); at >= 0; at = at > 0 ? buffer.lastIndexOf(10, at - 1) : -1) {
        // The newline at the very end closes the last line, it does not open one.
        if (start + at + 1 === last) continue;
        if (--left === 0) return { index, offset: start + at + 1 };
      }
      end = start;
    }
    // Its first line is preceded by no newline.
    if (last > 0 && --left === 0) return { index, offset: 0 };
    last = 0;
  }
  return { index: 0, offset: 0 };
}
