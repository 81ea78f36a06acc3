import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { type BunFile, bun } from '../../host/bun.ts';
import { type Sink, writeTo } from './sink.ts';

/*
 * The one place where descriptors of FIFOs are read and written. Node does it well through net.Socket; Bun gives no
 * data and no error there and has Bun.file instead, which leaves the descriptor to us.
 */

export interface FifoReader {
  /** Resolves at the end, when everything has been written to the sink, or after `cancel`. */
  readonly done: Promise<void>;
  cancel(): void;
}

/** Opens without waiting for a writer. The end comes when the last writer has closed it. */
export function readFifo(path: string, sink: Sink): FifoReader {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const file = bun?.file(fd);
  return file ? readWithBun(file, fd, sink) : readWithNode(fd, sink);
}

function readWithNode(fd: number, sink: Sink): FifoReader {
  const socket = new Socket({ fd, readable: true, writable: false });
  const copy = async () => {
    try {
      for await (const chunk of socket) await writeTo(sink, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  };
  return { done: copy(), cancel: () => void socket.destroy() };
}

function readWithBun(file: BunFile, fd: number, sink: Sink): FifoReader {
  const reader = file.stream().getReader();
  const copy = async () => {
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) await writeTo(sink, next.value);
    } finally {
      closeSync(fd);
    }
  };
  return { done: copy(), cancel: () => void reader.cancel() };
}

export interface FifoWriter {
  /** Resolves when there may be more. */
  write(data: Uint8Array): Promise<void>;
  /** Resolves when everything is in the FIFO and our end is closed. */
  end(): Promise<void>;
  /** Closes at once. */
  cancel(): void;
}

/** Opens for reading too: a FIFO without a reader yet could not be opened otherwise. */
export function writeFifo(path: string): FifoWriter {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const file = bun?.file(fd);
  return file ? writeWithBun(file, fd) : writeWithNode(fd);
}

function writeWithNode(fd: number): FifoWriter {
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on('error', () => {});
  return {
    write: (data) =>
      new Promise((resolve) => {
        if (socket.destroyed || socket.write(data)) return resolve();
        const settle = () => {
          socket.off('drain', settle).off('close', settle);
          resolve();
        };
        socket.on('drain', settle).on('close', settle);
      }),
    end: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.once('close', () => resolve());
        socket.destroySoon();
      }),
    cancel: () => void socket.destroy(),
  };
}

function writeWithBun(file: BunFile, fd: number): FifoWriter {
  const writer = file.writer();
  let open = true;
  // It writes to a duplicate, which has to be closed too: the end of the input is that of the last descriptor.
  const close = async () => {
    if (!open) return;
    open = false;
    closeSync(fd);
    await writer.end();
  };
  return {
    write: async (data) => {
      writer.write(data);
      await writer.flush();
    },
    end: async () => {
      await writer.flush();
      await close();
    },
    cancel: () => void close().catch(() => {}),
  };
}
