import type { ByteString } from '../../docker/values/byte-text.ts';
import type { FileStat } from './stat.ts';

/** What is sent: a directory of this machine, or files that are in memory. */
export interface Tree {
  /**
   * Hands out the entries depth first, the names of a directory in the order of their bytes, parents first.
   * @param pause asked after each entry: a promise to wait for before the next
   */
  walk(emit: (stat: FileStat) => void, pause: () => Promise<void> | undefined): Promise<void>;
  /** The content of a regular file: itself, or the path of the file that holds it. */
  content(path: ByteString): Uint8Array | ByteString;
}
