import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, watch } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** Whether somebody accepts connections. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    // One whose queue is full is there.
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'EAGAIN'));
  });
}

/** Milliseconds between a socket file's making and the first connection that it takes. */
const bindToListen = 20;

/**
 * Resolves when somebody accepts connections at a path in an existing directory.
 * @param signal ends the wait, with its reason
 */
export async function untilListening(path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const watcher = watch(dirname(path));
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      watcher.close();
      act();
    };
    const onAbort = () => settle(() => reject(signal.reason));
    const attempt = async () => {
      if (await isListening(path)) return settle(resolve);
      // Its file comes with bind(), and nothing tells of listen().
      clearTimeout(timer);
      if (existsSync(path) && !signal.aborted) timer = setTimeout(attempt, bindToListen);
    };
    signal.addEventListener('abort', onAbort);
    watcher.on('error', (error) => settle(() => reject(error)));
    watcher.on('change', (_event, name) => {
      if (String(name) === basename(path)) void attempt();
    });
    void attempt();
  });
}

/** The process that listens at a path, as far as /proc shows it to us. */
export function listenerOf(path: string): number | undefined {
  const resolved = existsSync(path) ? realpathSync(path) : path;
  // Num RefCount Protocol Flags Type St Inode Path; the flag is of sockets that listen.
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find(([, , , flags, , , , name]) => flags === '00010000' && (name === path || name === resolved));
  if (line === undefined) return undefined;
  const target = `socket:[${line[6]}]`;
  // Process 1 last: systemd keeps the socket of a service that it has started by it.
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== '1');
  const pid = [...pids, '1'].find((name) => holds(name, target));
  return pid === undefined ? undefined : Number(pid);
}

function holds(pid: string, target: string): boolean {
  try {
    const dir = `/proc/${pid}/fd`;
    return readdirSync(dir).some((fd) => readlinkSync(join(dir, fd)) === target);
  } catch {
    return false;
  }
}
