import type { Duplex } from 'node:stream';

/** Enough for the kernel to be busy; more would only be memory. */
const FULL = 256 * 1024;

export interface Output {
  write(bytes: Uint8Array): void;
  /** Whether DATA should wait for the socket to drain. */
  full(): boolean;
}

/** Gathers what is written in one turn into one system call. */
export function batchedOutput(socket: Duplex): Output {
  let corked = false;

  function uncork(): void {
    corked = false;
    socket.uncork();
  }

  return {
    write(bytes) {
      if (!corked) {
        corked = true;
        socket.cork();
        queueMicrotask(uncork);
      }
      socket.write(bytes);
    },
    full: () => socket.writableLength > FULL,
  };
}
