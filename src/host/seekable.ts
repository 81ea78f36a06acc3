import { fstatSync, read as readCallback, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

const read = promisify(readCallback);

/** The rest of an open regular file, to be read anywhere and in any order. The descriptor's own offset stays. */
export interface SeekableFile {
  fd: number;
  /** The descriptor's offset: what the file begins with for us. */
  start: number;
  /** Bytes from there. */
  size: number;
}

const chunkSize = 1 << 20;

/** Undefined for anything but a regular file: a pipe, a terminal. */
export function seekableFile(fd: number): SeekableFile | undefined {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const start = Number(/^pos:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]);
    return Number.isSafeInteger(start) ? { fd, start, size: Math.max(0, stat.size - start) } : undefined;
  } catch {
    return undefined;
  }
}

/** Up to `length` bytes from `offset` on; fewer where the file ends. */
export async function readSeekable(file: SeekableFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await read(file.fd, bytes, filled, length - filled, file.start + offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export async function* seekableChunks(file: SeekableFile, offset: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; ) {
    const chunk = await readSeekable(file, offset + at, Math.min(chunkSize, length - at));
    if (chunk.length === 0) return;
    at += chunk.length;
    yield chunk;
  }
}

/** From `offset` to the end, in chunks of 64 KiB. Destroying it leaves the descriptor open. */
export function seekableStream(file: SeekableFile, offset = 0): Readable {
  let at = offset;
  return new Readable({
    highWaterMark: 64 << 10,
    read(size) {
      readSeekable(file, at, Math.min(size, file.size - at)).then(
        (chunk) => {
          at += chunk.length;
          this.push(chunk.length === 0 ? null : chunk);
        },
        (error) => this.destroy(error),
      );
    },
  });
}
