import { connect } from 'node:net';
import type { Transport } from './transport.ts';

export function dialUnix(path: string): () => Transport {
  return () => connect({ path });
}

export function dialTcp(host: string, port: number): () => Transport {
  return () => connect({ host, port, noDelay: true });
}
