import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Go nerdctl's data store of one containerd: `<data root>/<first 8 hex digits of sha256 of the socket's real path>`.
 * @param address containerd's socket, with or without `unix://`; one that does not exist yet is taken literally
 */
export function dataStoreRoot(dataRoot: string, address: string): string {
  const path = realPath(address.replace(/^unix:\/\//, ''));
  return join(dataRoot, path === commonAddress.path ? commonAddress.hash : hashOf(path));
}

/** Where containerd mostly is: its hash is known without loading node:crypto, which takes 2.5 ms. */
const commonAddress = { path: '/run/containerd/containerd.sock', hash: '1935db59' };

function hashOf(path: string): string {
  const { createHash } = createRequire('/')('node:crypto') as typeof import('node:crypto');
  return createHash('sha256').update(path).digest('hex').slice(0, 8);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
