import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { bun } from '../host/bun.ts';
import { dialBun } from './dial-bun.ts';
import type { Transport } from './transport.ts';

/** Where it may be left unloaded. */
const net = () => createRequire('/')('node:net') as typeof import('node:net');

/** In what a runtime is quickest with. */
export function dialSocket(path: string): () => Transport {
  return bun ? () => dialBun(bun!, path) : dialUnix(path);
}

export function dialUnix(path: string): () => Socket {
  return () => net().connect({ path });
}

export function dialTcp(host: string, port: number): () => Socket {
  return () => net().connect({ host, port, noDelay: true });
}
