import { fstatSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bun } from '../host/bun.ts';
import type { Output } from './cli.ts';

/**
 * What goes straight to the descriptor before process.stdout (several milliseconds to open) is used: less than a pipe
 * holds, so that a slow reader never blocks the event loop.
 */
const directLimit = 32 * 1024;

/** @param closed called once, when the reader has gone away; what is written afterwards is dropped */
export function openOutput(fd: 1 | 2, env: NodeJS.ProcessEnv, closed: () => void): Output {
  const kind = kindOf(fd);
  let direct = 0;
  let stream: NodeJS.WriteStream | undefined;
  let broken = false;
  // Counted here: Bun's stream says that it holds nothing, and calls back at once for an empty write.
  let pending = 0;
  let waiting: (() => void)[] = [];
  const settle = () => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const fail = (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = true;
    settle();
    if (error.code === 'EPIPE' || error.code === 'EIO') closed();
    else throw error;
  };
  const open = () => {
    if (stream === undefined) {
      stream = fd === 1 ? process.stdout : process.stderr;
      stream.on('error', fail);
    }
    return stream;
  };
  // Only a character device can be a terminal; node:tty itself takes 2 ms to load.
  const isTerminal = () => kind === 'device' && open().isTTY === true;
  /** How many bytes the descriptor took. */
  const writeDirectly = (data: Uint8Array): number => {
    let written = 0;
    try {
      while (written < data.length) written += writeSync(fd, data, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        fail(error as NodeJS.ErrnoException);
        return data.length;
      }
    }
    return written;
  };
  return {
    get isTerminal() {
      return isTerminal();
    },
    get colour() {
      return isTerminal() && !env.NO_COLOR;
    },
    get columns() {
      return (isTerminal() && open().columns) || 80;
    },
    get rows() {
      return (isTerminal() && open().rows) || 24;
    },
    write(data) {
      if (broken) return true;
      let bytes = typeof data === 'string' ? Buffer.from(data) : data;
      if (stream === undefined && (kind === 'file' || direct + bytes.length <= directLimit)) {
        direct += bytes.length;
        bytes = bytes.subarray(writeDirectly(bytes));
        if (bytes.length === 0) return true;
      }
      pending++;
      return open().write(bytes, () => {
        if (--pending === 0) settle();
      });
    },
    drained() {
      if (broken || pending === 0) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push(resolve);
      });
    },
  };
}

/** Standard input. Bun's own loses the end of a pipe whose first bytes are put back, or that is paused meanwhile. */
export function openInput(): NodeJS.ReadStream {
  if (!bun || kindOf(0) === 'device') return process.stdin;
  // A static import would take Node a millisecond of each start.
  const { Readable } = createRequire('/')('node:stream') as typeof import('node:stream');
  const reader = bun.stdin.stream().getReader();
  const input = new Readable({
    read() {
      reader.read().then(
        ({ done, value }) => this.push(done ? null : value),
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      void reader.cancel().catch(() => {});
      done(error);
    },
  });
  return input as NodeJS.ReadStream;
}

function kindOf(fd: number): 'file' | 'device' | 'other' {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return 'file';
    return stat.isCharacterDevice() ? 'device' : 'other';
  } catch {
    return 'other';
  }
}
