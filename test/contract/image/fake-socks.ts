import type { Socket } from 'node:net';

/**
 * The server's side of SOCKS5 (RFC 1928) with user and password (RFC 1929), for one client.
 * @param onward connects to `host:port`; undefined: refused
 */
export async function answerSocks(
  socket: Socket,
  pair: string,
  onward: (target: string) => Socket | undefined,
): Promise<void> {
  socket.on('error', () => {});
  const take = reader(socket);
  const [, count = 0] = await take(2);
  if (!(await take(count)).includes(2)) return void socket.end(Buffer.from([5, 0xff]));
  socket.write(Buffer.from([5, 2]));
  const text = async (): Promise<string> => String(await take((await take(1))[0]!));
  await take(1);
  const given = `${await text()}:${await text()}`;
  if (given !== pair) return void socket.end(Buffer.from([1, 1]));
  socket.write(Buffer.from([1, 0]));
  const [, , , kind] = await take(4);
  const host = kind === 3 ? await text() : numbers(await take(kind === 4 ? 16 : 4));
  const target = onward(`${host}:${(await take(2)).readUInt16BE()}`);
  // Some name the address that they connect from, in whatever form.
  const from = Buffer.from([3, 5, ...Buffer.from('proxy'), 0, 1]);
  if (!target) return void socket.end(Buffer.concat([Buffer.from([5, 5, 0]), from]));
  socket.write(Buffer.concat([Buffer.from([5, 0, 0]), from]));
  socket.pipe(target).pipe(socket);
}

function numbers(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
}

function reader(socket: Socket): (size: number) => Promise<Buffer> {
  return async (size) => {
    if (size === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = socket.read(size) as Buffer | null;
      if (bytes) return bytes;
      await new Promise((resolve) => socket.once('readable', resolve));
    }
  };
}
