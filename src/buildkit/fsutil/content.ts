import { closeSync, constants, openSync, read, readSync } from 'node:fs';
import type { ByteString } from '../../docker/values/byte-text.ts';
import { isGone, pathError } from '../../host/path-error.ts';
import type { PacketOutput } from './packet-output.ts';
import type { Tree } from './tree.ts';

/** A file that the receiver has asked for. */
export interface WantedFile {
  id: number;
  path: ByteString;
  /** When it was listed. */
  size: number;
}

export interface ContentSender {
  enqueue(file: WantedFile): void;
  /** Sends files one after the other until {@link stop}. */
  work(): Promise<void>;
  stop(): void;
}

/** Up to here, a file is read at once and in place: through libuv's threads it would take many times as long. */
const SMALL = 128 * 1024;
const PAGE = 4096;
/** Of larger ones. BuildKit of docker 20.10 takes no message over 4 MiB. */
const PIECE = 256 * 1024;

/** @param pause see {@link Tree} */
export function contentSender(tree: Tree, output: PacketOutput, pause: () => Promise<void> | undefined): ContentSender {
  let queue: WantedFile[] = [];
  let next = 0;
  let stopped = false;
  const idle: (() => void)[] = [];

  function take(): WantedFile | undefined {
    const file = queue[next];
    if (file) {
      next++;
    } else {
      queue = [];
      next = 0;
    }
    return file;
  }

  async function work(): Promise<void> {
    while (!stopped) {
      const file = take();
      if (!file) {
        await new Promise<void>((resolve) => idle.push(resolve));
        continue;
      }
      const rest = send(file);
      if (rest) await rest;
      output.endOfFile(file.id);
      const wait = pause();
      if (wait) await wait;
    }
  }

  /** A promise where it takes more than one turn. */
  function send(file: WantedFile): Promise<void> | undefined {
    const content = tree.content(file.path);
    if (typeof content !== 'string') return sendBytes(file.id, content);
    const fd = openFile(content);
    // What has vanished, or is a socket, is an empty file.
    if (fd === undefined) return undefined;
    let open = true;
    try {
      if (file.size <= SMALL && sendSmall(file, fd, content)) return undefined;
      open = false;
      return sendLarge(file.id, fd, content).finally(() => closeSync(fd));
    } finally {
      if (open) closeSync(fd);
    }
  }

  /** Whether that was all; it may have grown. */
  function sendSmall({ id, size }: WantedFile, fd: number, full: ByteString): boolean {
    const readInto = (out: Buffer, at: number, length: number) => {
      try {
        return readSync(fd, out, at, length, null);
      } catch (error) {
        throw pathError('read', full, error);
      }
    };
    // One byte more: a read that falls short of it has come to the end. The kernel's own files say 0, and are read at once.
    const got = output.fill(id, size === 0 ? PAGE : size + 1, size, readInto);
    return got <= size && (got === size || got === 0 || output.fill(id, size + 1, size, readInto) === 0);
  }

  async function sendLarge(id: number, fd: number, full: ByteString): Promise<void> {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(PIECE);
      const length = await readPiece(fd, buffer).catch((error: unknown) => {
        throw pathError('read', full, error);
      });
      if (length === 0) return;
      output.data(id, buffer.subarray(0, length));
      await pause();
    }
  }

  async function sendBytes(id: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      output.data(id, bytes.subarray(at, at + PIECE));
      await pause();
    }
  }

  return {
    enqueue(file) {
      queue.push(file);
      idle.pop()?.();
    },
    work,
    stop() {
      stopped = true;
      for (const wake of idle.splice(0)) wake();
    },
  };
}

/** Undefined where there is no such file any more. */
function openFile(full: ByteString): number | undefined {
  try {
    // Not to be held up by a FIFO that took the place of a file.
    return openSync(Buffer.from(full, 'latin1'), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isGone(error) || code === 'ENXIO') return undefined;
    throw pathError('open', full, error);
  }
}

function readPiece(fd: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, length) => (error ? reject(error) : resolve(length)));
  });
}
