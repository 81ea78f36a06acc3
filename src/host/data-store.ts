import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Go nerdctl's data store of one containerd: `<data root>/<first 8 hex digits of sha256 of the socket's real path>`.
 * @param address containerd's socket, with or without `unix://`; one that does not exist yet is taken literally
 */
export function dataStoreRoot(dataRoot: string, address: string): string {
  const path = address.replace(/^unix:\/\//, '');
  // Loading it takes 2.5 ms, and this file belongs to every command, of which few ask for the store.
  const { createHash } = createRequire('/')('node:crypto') as typeof import('node:crypto');
  return join(dataRoot, createHash('sha256').update(realPath(path)).digest('hex').slice(0, 8));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
