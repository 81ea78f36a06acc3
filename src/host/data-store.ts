import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Go nerdctl's data store of one containerd: `<data root>/<first 8 hex digits of sha256 of the socket's real path>`.
 * @param address containerd's socket, with or without `unix://`; one that does not exist yet is taken literally
 */
export function dataStoreRoot(dataRoot: string, address: string): string {
  const path = address.replace(/^unix:\/\//, '');
  return join(dataRoot, createHash('sha256').update(realPath(path)).digest('hex').slice(0, 8));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
