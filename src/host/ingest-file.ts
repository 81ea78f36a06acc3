import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeHalfWritten } from './files.ts';

/** A file that is written under a name of its own until it is known to be what it should be. */
export interface IngestFile {
  write(data: Uint8Array): Promise<void>;
  /** Begins anew. */
  truncate(): Promise<void>;
  /** Puts it in place, on the disk, also where there is one already. */
  commit(path: string): Promise<void>;
  /** Removes it; nothing after a commit. */
  discard(): Promise<void>;
}

/** Makes the directory, too, where it is missing. */
export async function openIngestFile(dir: string): Promise<IngestFile> {
  mkdirSync(dir, { recursive: true });
  removeHalfWritten(dir);
  const temporary = join(dir, `.tmp-ingest-${process.pid}-${randomBytes(6).toString('hex')}`);
  const file: FileHandle = await open(temporary, 'wx', 0o644);
  let position = 0;
  let over = false;

  return {
    async write(data) {
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await file.write(data, at, data.length - at, position);
        at += bytesWritten;
        position += bytesWritten;
      }
    },
    async truncate() {
      await file.truncate(0);
      position = 0;
    },
    async commit(path) {
      await file.sync();
      mkdirSync(dirname(path), { recursive: true });
      await rename(temporary, path);
      over = true;
      await file.close();
    },
    async discard() {
      if (over) return;
      over = true;
      await file.close();
      await unlink(temporary).catch(() => {});
    },
  };
}
