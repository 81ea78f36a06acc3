import type { Bun, BunSocket } from '../host/bun.ts';
import type { Transport } from './transport.ts';

type Listener = (value: never) => void;

/**
 * A unix socket by Bun's own interface: its node:net, and the streams below that, take a fifth of the time of a short
 * command to load.
 */
export function dialBun(bun: Pick<Bun, 'connect'>, path: string): Transport {
  const listeners: Record<string, Listener[]> = {};
  let socket: BunSocket | undefined;
  let queue: Uint8Array[] = [];
  let corked = false;
  /** The kernel takes no more for now. */
  let blocked = true;
  let referenced = true;
  let destroyed = false;
  let atEnd: (() => void) | undefined;

  bun
    .connect({ unix: path, socket: { open, data: (_, chunk) => emit('data', chunk), drain: unblock, error, close } })
    .catch((failure) => error(undefined, failure));

  function emit(event: string, value?: unknown): void {
    if (!destroyed) for (const listener of listeners[event] ?? []) listener(value as never);
  }

  function open(connected: BunSocket): void {
    socket = connected;
    if (destroyed) connected.terminate();
    else if (!referenced) connected.unref();
    unblock();
  }

  function error(_: BunSocket | undefined, failure: Error): void {
    emit('error', failure);
  }

  function close(): void {
    emit('end');
    emit('close');
  }

  function unblock(): void {
    blocked = false;
    flush();
    if (!blocked) emit('drain');
  }

  function flush(): void {
    if (blocked || corked || destroyed || !socket) return;
    const bytes = queue.length === 1 ? queue[0]! : Buffer.concat(queue);
    // A socket that is gone takes less than nothing; its end is told by an event.
    const taken = bytes.length > 0 ? Math.max(0, socket.write(bytes)) : 0;
    blocked = taken < bytes.length;
    queue = blocked ? [bytes.subarray(taken)] : [];
    if (blocked || !atEnd) return;
    const done = atEnd;
    atEnd = undefined;
    socket.end();
    done();
  }

  return {
    get destroyed() {
      return destroyed;
    },
    get writableLength() {
      return queue.reduce((sum, { length }) => sum + length, 0);
    },
    write(bytes) {
      queue.push(bytes);
      flush();
      return !blocked;
    },
    cork() {
      corked = true;
    },
    uncork() {
      corked = false;
      flush();
    },
    end(done) {
      atEnd = done;
      flush();
    },
    destroy() {
      destroyed = true;
      socket?.terminate();
    },
    on(event: string, listener: Listener) {
      listeners[event] ??= [];
      listeners[event].push(listener);
    },
    resume() {},
    ref() {
      referenced = true;
      socket?.ref();
    },
    unref() {
      referenced = false;
      socket?.unref();
    },
  };
}
