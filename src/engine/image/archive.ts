import { posix } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { maxDocumentBytes } from '../../docker/oci.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'other';

export interface StoredBlob {
  digest: string;
  size: number;
  compression: Compression;
}

export interface ImageArchive {
  has(path: string): boolean;
  /** A JSON document, whole. @throws DockerError invalid when it is missing or too large */
  document(path: string): Promise<Uint8Array>;
  /** What is known of a file that need not be stored yet. @throws DockerError invalid when it is missing */
  look(path: string): Promise<Pick<StoredBlob, 'size' | 'compression'>>;
  /**
   * Makes sure that the file is in the content store, also when it is asked for again.
   * @param expected the digest that it must have
   * @throws DockerError invalid when it is missing, or has another digest than is expected or its name says
   */
  blob(path: string, expected?: string): Promise<StoredBlob>;
}

/** The regular files of a tar archive by path, and its links: path to path. */
export interface ArchiveEntries<F> {
  files: Map<string, F>;
  links: Map<string, string>;
}

/** How the files of one kind of archive are read. */
export interface ArchiveAccess<F> {
  read(file: F): Promise<Uint8Array>;
  look(file: F): Promise<Pick<StoredBlob, 'size' | 'compression'>>;
  /** @throws DockerError invalid when the file has not the digest `expected` */
  store(file: F, path: string, expected?: string): Promise<StoredBlob>;
}

export function archiveOf<F extends { size: number }>(
  { files, links }: ArchiveEntries<F>,
  access: ArchiveAccess<F>,
): ImageArchive {
  const find = (path: string): F | undefined => {
    let at = insideArchive(path);
    for (let hops = 0; hops < 40; hops++) {
      const file = files.get(at);
      const next = links.get(at);
      if (file || next === undefined) return file;
      at = next;
    }
    throw new DockerError('invalid', `the archive is refused: the link ${JSON.stringify(path)} never ends`);
  };
  const need = (path: string): F => {
    const file = find(path);
    if (!file) throw new DockerError('invalid', `the archive is incomplete: ${JSON.stringify(path)} is missing`);
    return file;
  };
  const stored = new Map<string | F, Promise<StoredBlob>>();
  return {
    has: (path) => find(path) !== undefined,
    async document(path) {
      const file = need(path);
      if (file.size > maxDocumentBytes) {
        throw new DockerError('invalid', `the archive is refused: ${JSON.stringify(path)} has ${file.size} bytes`);
      }
      return access.read(file);
    },
    look: async (path) => access.look(need(path)),
    async blob(path, expected = namedDigest(path)) {
      const file = need(path);
      // Two paths may lead to one file, and two files be the same.
      const key = expected ?? file;
      const blob = stored.get(key) ?? access.store(file, path, expected);
      stored.set(key, blob);
      return blob;
    },
  };
}

/** @throws DockerError invalid for a path that leaves the archive */
export function insideArchive(name: string, base = '.'): string {
  const path = posix.normalize(posix.join(base, name)).replace(/\/+$/, '');
  if (posix.isAbsolute(name) || path === '..' || path.startsWith('../') || path.includes('\0')) {
    throw new DockerError('invalid', `the archive is refused: its entry ${JSON.stringify(name)} points outside it`);
  }
  return path;
}

/** The digest that an OCI layout's blob is named by. */
export function namedDigest(path: string): string | undefined {
  const hex = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  return hex && `sha256:${hex}`;
}

/** For messages. */
export const nameOf = (path: string): string =>
  `${namedDigest(path) === undefined ? 'layer' : 'archive entry'} ${path}`;

/** By the first bytes; a tar archive begins with a file name, which never looks like these. */
export function compressionOf(bytes: Uint8Array): Compression {
  const starts = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) || starts(0x42, 0x5a, 0x68)) return 'other';
  return 'none';
}
