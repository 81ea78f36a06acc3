import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bytesOfText } from '../docker/values/byte-text.ts';
import { removeHalfWritten } from './files.ts';
import { pathError } from './path-error.ts';

/**
 * Writes a stream to a file that appears only when it is whole. A path that exists and is no regular file (a device, a
 * pipe) is written to directly.
 */
export async function writeStream(path: string, chunks: AsyncIterable<Uint8Array>, mode = 0o600): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing && !existing.isFile()) {
    const file = await open(path, 'w');
    return copy(file, chunks).finally(() => file.close());
  }
  const prefix = `.tmp-${basename(path)}-`;
  const temporary = join(dirname(path), `${prefix}${process.pid}-${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', mode).catch((error: unknown) => {
    // The name that was asked for says more than ours.
    throw pathError('open', bytesOfText(path), error);
  });
  // A second Ctrl-C waits for nothing.
  const remove = () => rmSync(temporary, { force: true });
  process.once('exit', remove);
  try {
    removeHalfWritten(dirname(path), leftovers(dirname(path), prefix));
    await copy(file, chunks).finally(() => file.close());
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    process.off('exit', remove);
  }
}

/** They may be big. */
function leftovers(dir: string, prefix: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.startsWith(prefix));
  } catch {
    // A directory that may be written to and not be read.
    return [];
  }
}

async function copy(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
  }
}
