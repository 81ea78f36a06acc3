import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { ClientFrame, clientFrame, HelloFlag, ServerStream, stdcopyReader } from './monitor-frames.ts';
import type { Sink } from './sink.ts';

export interface MonitorOptions {
  /** We promise to deal with the exit ourselves and to say `done()`; if we vanish before, the monitor sees to it. */
  owner?: boolean;
  /** Output goes here from now on; without any sink the monitor sends none. */
  stdout?: Sink;
  stderr?: Sink;
}

export interface MonitorConnection {
  /**
   * `exited`: the container's first process has ended, and all its output has been handed to the sinks.
   * `lost`: the monitor went away without saying so.
   */
  readonly exited: Promise<'exited' | 'lost'>;
  /** To be told between Tasks.Create and Tasks.Start; resolves when not even a killed monitor will forget it. */
  sendPid(pid: number): Promise<void>;
  /** Resolves when there may be more. */
  writeStdin(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything written before is in the FIFO and the monitor has closed it: then Tasks.CloseIO. */
  closeStdin(): Promise<void>;
  /** The owner has dealt with the exit. */
  done(): void;
  /** Frames under way still arrive at the monitor. */
  close(): void;
}

/**
 * Attaches to the monitor of a container; resolves once output is being delivered. A monitor that is killed is
 * started again by its holder: then we connect again, and lose at most what it had in its hands.
 * @throws NodeJS.ErrnoException ENOENT or ECONNREFUSED: no monitor there, so the container does not run
 */
export async function connectMonitor(stateDir: string, options: MonitorOptions = {}): Promise<MonitorConnection> {
  const quiet = !options.stdout && !options.stderr;
  const hello = (options.owner ? HelloFlag.owner : 0) | (quiet ? HelloFlag.quiet : 0);
  const exited = deferred<'exited' | 'lost'>();
  let stdinClosed: Deferred<void> | undefined;
  let closed = false;
  let pid: number | undefined;
  let pidKnown: Deferred<void> | undefined;
  let socket: Socket;

  const attach = async (): Promise<void> => {
    const attached = deferred<void>();
    const current = await connectIn(stateDir);
    socket = current;
    const read = stdcopyReader((stream, piece) => {
      if (stream === ServerStream.attached) attached.resolve();
      else if (stream === ServerStream.exited) exited.resolve('exited');
      else if (stream === ServerStream.stdinClosed) stdinClosed?.resolve();
      else if (stream === ServerStream.pidKnown) pidKnown?.resolve();
      else deliver(current, stream === ServerStream.stderr ? options.stderr : options.stdout, piece);
    });
    current.on('data', read);
    current.on('error', () => {});
    let welcome = false;
    current.on('close', () => {
      attached.reject(Object.assign(new Error('the monitor ended'), { code: 'ECONNRESET' }));
      if (welcome && !closed) reconnect();
    });
    current.write(clientFrame(ClientFrame.hello, Uint8Array.of(hello)));
    if (pid !== undefined) current.write(clientFrame(ClientFrame.pid, uint32(pid)));
    await attached.promise;
    welcome = true;
    if (current.destroyed && !closed) reconnect();
  };
  // A worker may be killed before it answers; the next one will.
  const attachAnyhow = (): Promise<void> =>
    attach().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') return attachAnyhow();
      throw error;
    });
  const reconnect = () => {
    if (exited.settled()) return;
    attachAnyhow().then(
      () => stdinClosed && socket.write(clientFrame(ClientFrame.stdinEnd)),
      () => {
        exited.resolve('lost');
        stdinClosed?.resolve();
        pidKnown?.resolve();
      },
    );
  };

  await attachAnyhow();
  return {
    exited: exited.promise,
    sendPid: (value) => {
      pid = value;
      pidKnown = deferred();
      socket.write(clientFrame(ClientFrame.pid, uint32(value)));
      return pidKnown.promise;
    },
    writeStdin: async (chunk) => {
      if (socket.destroyed || socket.write(clientFrame(ClientFrame.stdin, chunk))) return;
      await new Promise<void>((resolve) => {
        const settle = () => {
          socket.off('drain', settle).off('close', settle);
          resolve();
        };
        socket.on('drain', settle).on('close', settle);
      });
    },
    closeStdin: () => {
      stdinClosed = deferred();
      socket.write(clientFrame(ClientFrame.stdinEnd));
      if (socket.destroyed) stdinClosed.resolve();
      return stdinClosed.promise;
    },
    done: () => void socket.write(clientFrame(ClientFrame.done)),
    close: () => {
      closed = true;
      socket.destroySoon();
    },
  };
}

function deliver(socket: Socket, sink: Sink | undefined, data: Buffer): void {
  if (!sink || sink.write(data)) return;
  // The monitor then stops reading, and the container waits in its write, as with docker.
  socket.pause();
  sink.drained().then(
    () => socket.resume(),
    () => socket.resume(),
  );
}

/** A state directory's path may be longer than a socket's address can be, but the one of its descriptor is not. */
async function connectIn(stateDir: string): Promise<Socket> {
  const dir = await open(stateDir, constants.O_RDONLY | constants.O_DIRECTORY);
  const socket = connect(`/proc/self/fd/${dir.fd}/attach.sock`);
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  } finally {
    await dir.close();
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
  settled(): boolean;
}

function deferred<T>(): Deferred<T> {
  let settled = false;
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.then(
    () => {
      settled = true;
    },
    () => {},
  );
  return { promise, resolve, reject, settled: () => settled };
}
