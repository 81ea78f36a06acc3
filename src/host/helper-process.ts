import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { HostHelper, HostLock, Xattr } from './helper.ts';
import { mountCall } from './mount-options.ts';

interface Pending {
  what: string;
  resolve(value: string): void;
  reject(error: Error): void;
}

interface Child {
  process: ChildProcess;
  pending: Map<string, Pending>;
}

/** @param path the native program; started (as `nerdctl-monitor host`) at the first call */
export function startHostHelper(path: string, ...args: string[]): HostHelper {
  let child: Child | undefined;
  let closed = false;
  let lastId = 0;

  const send = (what: string, words: Word[], id = nextId()): Promise<string> => {
    if (closed) return Promise.reject(systemError('ECANCELED', 'the host helper is closed', what));
    if (words.some((word) => (typeof word === 'string' ? word.includes('\0') : word.includes(0))))
      return Promise.reject(systemError('EINVAL', 'NUL in argument', what));
    child ??= start(path, args, () => {
      child = undefined;
    });
    const { pending, process } = child;
    return new Promise((resolve, reject) => {
      pending.set(id, { what, resolve, reject });
      keepAlive(process, true);
      process.stdin?.write(encodeFrame([id, ...words]));
    });
  };
  const nextId = () => String(++lastId);

  const lock = async (
    path: string,
    mode: 'exclusive' | 'shared' = 'exclusive',
    signal?: AbortSignal,
  ): Promise<HostLock> => {
    signal?.throwIfAborted();
    const id = nextId();
    const unlock = () => send(`unlock '${path}'`, ['unlock', id]);
    const giveUp = () => void unlock().catch(() => {});
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await send(`lock '${path}'`, ['lock', path, mode], id);
      signal?.throwIfAborted();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
    return {
      release: async () => {
        // A helper that died took the lock with it.
        if (!closed && child) await unlock();
      },
    };
  };

  return {
    lock,
    createNetns: async (path) => void (await send(`create network namespace '${path}'`, ['netns', path])),
    removeNetns: async (path) => void (await send(`remove network namespace '${path}'`, ['netns-remove', path])),
    mount: async ({ type, source, target, options }) => {
      const call = mountCall(type, options);
      const words = [target, type, source, String(call.flags), call.data, call.directory, String(call.propagation)];
      await send(`mount '${target}'`, ['mount', ...words]);
    },
    unmount: async (target) => void (await send(`unmount '${target}'`, ['unmount', target])),
    mkfifo: async (path, mode) => void (await send(`mkfifo '${path}'`, ['mkfifo', path, mode.toString(8)])),
    mknod: async (path, mode, major, minor) => {
      const what = `mknod '${Buffer.from(path)}'`;
      await send(what, ['mknod', path, mode.toString(8), String(major), String(minor)]);
    },
    setTimes: async (times) => {
      const batches: Promise<string>[] = [];
      for (let at = 0; at < times.length; at += TIMES_PER_CALL) {
        const batch = times.slice(at, at + TIMES_PER_CALL);
        batches.push(send('set times of files', ['times', ...batch.flatMap(timeWords)]));
      }
      await Promise.all(batches);
    },
    listXattrs: async (dir) =>
      readXattrs(await send('list extended attributes', ['xattrs', Buffer.from(dir, 'latin1')])),
    setXattr: async (path, [name, value]) => {
      const words = ['xattr-set', Buffer.from(path, 'latin1'), Buffer.from(name, 'latin1')];
      await send('set an extended attribute', [...words, Buffer.from(value).toString('hex')]);
    },
    close: () => {
      closed = true;
      child?.process.stdin?.end();
    },
  };
}

function start(path: string, args: string[], onGone: () => void): Child {
  // A session of its own: Ctrl-C in the terminal must not end it before the undo steps that need it.
  const process = spawn(path, [...args, 'host'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const pending = new Map<string, Pending>();
  const fail = (cause: string, code: string) => {
    onGone();
    for (const [id, { what, reject }] of pending) {
      pending.delete(id);
      reject(systemError(code, cause, what));
    }
  };
  process.on('error', (error: NodeJS.ErrnoException) =>
    fail(`cannot start ${path}: ${error.message}`, error.code ?? 'EIO'),
  );
  process.on('exit', () => fail('the host helper ended', 'EPIPE'));
  process.stdin.on('error', () => {});
  const feed = frameReader(([id = '', errno = '0', text = '', value = '']) => {
    const call = pending.get(id);
    if (!call) return;
    pending.delete(id);
    if (pending.size === 0) keepAlive(process, false);
    if (errno === '0') call.resolve(value);
    else call.reject(systemError(errnoName(Number(errno)), text, call.what));
  });
  process.stdout.on('data', feed);
  return { process, pending };
}

/** An idle helper must not keep the program from ending. */
function keepAlive(child: ChildProcess, alive: boolean): void {
  for (const handle of [child, child.stdin as Socket | null, child.stdout as Socket | null]) {
    if (alive) handle?.ref?.();
    else handle?.unref?.();
  }
}

/** Limited by the number of words in a frame. */
const TIMES_PER_CALL = 80;
const SECOND = 1_000_000_000n;

function timeWords([path, nanoseconds]: readonly [string, bigint]): Word[] {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
  return [Buffer.from(path, 'latin1'), String((nanoseconds - rest) / SECOND), String(rest)];
}

function readXattrs(lines: string): Map<string, Xattr[]> {
  const found = new Map<string, Xattr[]>();
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const [entry, name, value] = line.split(' ').map((word) => Buffer.from(word, 'hex'));
    const of = entry!.toString('latin1');
    found.set(of, [...(found.get(of) ?? []), [name!.toString('latin1'), value!]]);
  }
  return found;
}

/** Text is sent as UTF-8. */
type Word = string | Uint8Array;

export function encodeFrame(words: Word[]): Buffer {
  const parts: Uint8Array[] = [Buffer.alloc(4)];
  for (const word of words) parts.push(typeof word === 'string' ? Buffer.from(word) : word, END_OF_WORD);
  const frame = Buffer.concat(parts);
  frame.writeUInt32BE(frame.length - 4);
  return frame;
}

const END_OF_WORD = Buffer.alloc(1);

export function frameReader(onFrame: (words: string[]) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      const words = rest.toString('utf8', 4, end - 1).split('\0');
      rest = rest.subarray(end);
      onFrame(words);
    }
  };
}

export function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? 'EIO';
}

function systemError(code: string, text: string, what: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${what}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`), { code });
}
