import { connect, isIP, type Socket } from 'node:net';
import { RegistryError } from './errors.ts';
import type { ProxyAddress } from './proxy.ts';

const refusals: Record<number, string> = {
  1: 'it failed',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'the time is up',
  7: 'it knows no such command',
  8: 'it knows no such kind of address',
};

/**
 * A connection through a SOCKS5 proxy. References: RFC 1928, RFC 1929 (user and password).
 * Names are resolved by the proxy, for socks5 as for socks5h, as Go's http library has it.
 */
export async function openSocks(
  proxy: ProxyAddress,
  { host, port }: { host: string; port: number },
  { idleTimeout, signal }: { idleTimeout: number; signal: AbortSignal },
): Promise<Socket> {
  const proxyHost = proxy.url.hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host: proxyHost, port: Number(proxy.url.port || 1080), lookup: proxy.lookup, signal });
  const fail = (why: string, temporary = false): RegistryError =>
    new RegistryError(`the proxy ${proxy.url.host} does not connect to ${host}:${port}: ${why}`, { temporary });
  socket.setTimeout(idleTimeout, () => socket.destroy(fail('it does not answer', true)));
  try {
    await once(socket, 'connect');
    const { username, password } = proxy;
    socket.write(username === undefined ? Buffer.from([5, 1, 0]) : Buffer.from([5, 2, 0, 2]));
    const [version, method] = await read(socket, 2);
    if (version !== 5) throw fail('it is no SOCKS5 proxy');
    if (method === 2 && username !== undefined) {
      socket.write(Buffer.concat([Buffer.from([1]), counted(username), counted(password ?? '')]));
      const [, status] = await read(socket, 2);
      if (status !== 0) throw fail('it refuses the user or the password');
    } else if (method !== 0) {
      throw fail('it wants another authentication');
    }
    socket.write(Buffer.concat([Buffer.from([5, 1, 0]), address(host), Buffer.from([port >> 8, port & 0xff])]));
    const [, reply = 1, , kind] = await read(socket, 4);
    if (reply !== 0) throw fail(refusals[reply] ?? `reply ${reply}`);
    // Where it connects from, which is of no interest.
    const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(socket, 1))[0] ?? 0);
    await read(socket, length + 2);
    socket.setTimeout(0);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function address(host: string): Buffer {
  const family = isIP(host);
  if (family === 0) return Buffer.concat([Buffer.from([3]), counted(host)]);
  if (family === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  // URL writes an IPv4 address at the end as two groups.
  const groups = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::');
  const [head = [], tail = []] = groups.map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const words = [...head, ...zeros, ...tail].map((word) => Number.parseInt(word, 16));
  return Buffer.from([4, ...words.flatMap((word) => [word >> 8, word & 0xff])]);
}

/** Exactly so many bytes; what follows them stays in the socket. */
async function read(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(size) as Buffer | null;
    if (bytes?.length === size) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new RegistryError('the proxy has closed the connection');
    await once(socket, 'readable');
  }
}

function once(socket: Socket, event: 'connect' | 'readable'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => (): void => {
      for (const [name, listener] of listeners) socket.off(name, listener);
      action();
    };
    const ended = settle(() => reject(new RegistryError('the proxy has closed the connection')));
    const listeners: [string, (error: Error) => void][] = [
      [event, settle(resolve)],
      ['end', ended],
      ['close', ended],
      ['error', (error) => settle(() => reject(error))()],
    ];
    for (const [name, listener] of listeners) socket.on(name, listener);
  });
}
