import { connect } from 'node:net';
import type { Transport } from './connection.ts';

export function dialUnix(path: string): () => Transport {
  return () => connect({ path });
}
