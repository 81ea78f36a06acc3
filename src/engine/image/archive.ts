import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import { maxDocumentBytes } from '../../docker/oci.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { sha256 } from './content.ts';
import { ingestStream } from './ingest.ts';

/** A regular file of an image archive: in memory while small, else in the content store. */
type ArchiveFile = { size: number } & ({ bytes: Uint8Array } | { digest: string; compression: Compression });
export type Compression = 'none' | 'gzip' | 'zstd' | 'other';

export interface ImageArchive {
  has(path: string): boolean;
  paths(): Iterable<string>;
  /** A JSON document, whole. @throws DockerError invalid when it is missing or too large */
  document(path: string): Promise<Uint8Array>;
  /** Makes sure that the file is in the content store. @throws DockerError invalid when it is missing */
  blob(path: string): Promise<{ digest: string; size: number; compression: Compression }>;
}

/** What is smaller stays in memory until it is known what it is, up to `memoryBudget` in all. */
const memoryLimit = 256 << 10;
const memoryBudget = 64 << 20;

/**
 * Reads a whole image archive once, from a file or a pipe. Which file is a layer is often said at its end only, so all
 * large files become blobs under the caller's lease, and the collector takes those that no image refers to.
 * `onBytes` gets the number of bytes of layers seen so far.
 * @throws DockerError invalid: no tar archive, truncated, paths or links that leave it, wrong digests
 */
export async function readArchive(
  c: Containerd,
  input: Readable,
  signal: AbortSignal,
  onFile?: (path: string, size: number) => void,
): Promise<ImageArchive> {
  const files = new Map<string, ArchiveFile>();
  const links = new Map<string, string>();
  const tar = extract();
  const feeding = pipeline(input, tar, { signal });
  // Its error also ends the loop below, which reports it.
  feeding.catch(() => {});
  let inMemory = 0;
  try {
    for await (const entry of tar) {
      const { type, linkname, size = 0 } = entry.header;
      const path = insideArchive(entry.header.name);
      if (type === 'file' || type === 'contiguous-file') {
        if (size <= memoryLimit && inMemory + size <= memoryBudget) {
          const bytes = await collect(chunksOf(entry));
          inMemory += bytes.length;
          files.set(path, { size: bytes.length, bytes });
        } else {
          onFile?.(path, size);
          files.set(path, await storeFile(c, path, size, chunksOf(entry)));
        }
      } else if (type === 'symlink' || type === 'link') {
        const base = type === 'symlink' ? posix.dirname(path) : '.';
        links.set(path, insideArchive(linkname ?? '', base));
        entry.resume();
      } else {
        entry.resume();
      }
    }
    await feeding;
  } catch (error) {
    // When the input fails first, the loop learns only that its stream is gone.
    const symptom = (error as { message?: string }).message === 'Stream was destroyed';
    if (!symptom) tar.destroy();
    const reason = await feeding.then(
      () => error,
      (failure: unknown) => (symptom ? failure : error),
    );
    throw archiveError(reason, signal);
  }
  return archiveOf(c, files, links);
}

function archiveError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || isDockerError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: string }).code;
  if (/^Invalid tar header/.test(message)) {
    return new DockerError('invalid', 'the input is not a tar archive, or it is damaged', { cause: error });
  }
  if (/Unexpected end of data/.test(message) || code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new DockerError('invalid', 'the archive is truncated: unexpected end of data', { cause: error });
  }
  if (code?.startsWith('Z_') || code?.startsWith('ZSTD_')) {
    return new DockerError('invalid', `the compressed archive is damaged: ${message}`, { cause: error });
  }
  return error;
}

/** @throws DockerError invalid for a path that leaves the archive */
function insideArchive(name: string, base = '.'): string {
  const path = posix.normalize(posix.join(base, name)).replace(/\/+$/, '');
  if (posix.isAbsolute(name) || path === '..' || path.startsWith('../') || path.includes('\0')) {
    throw new DockerError('invalid', `the archive is refused: its entry ${JSON.stringify(name)} points outside it`);
  }
  return path;
}

/** tar-stream's types know no element type. */
const chunksOf = (entry: unknown): AsyncIterable<Uint8Array> => entry as AsyncIterable<Uint8Array>;

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function storeFile(
  c: Containerd,
  path: string,
  size: number,
  entry: AsyncIterable<Uint8Array>,
): Promise<ArchiveFile> {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  const expected = hex === undefined ? undefined : `sha256:${hex}`;
  let compression: Compression | undefined;
  async function* sniffed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of entry) {
      compression ??= compressionOf(chunk);
      yield chunk;
    }
  }
  const ref = expected ? `layer-${expected}` : `load-${randomBytes(8).toString('hex')}`;
  const stored = await ingestStream(c, sniffed(), { ref, expected, size, what: `archive entry ${path}` });
  if (stored) return { size: stored.size, digest: stored.digest, compression: compression ?? 'none' };
  // It is there already; the archive's copy is read past, for its first bytes.
  for await (const _ of sniffed());
  return { size, digest: expected!, compression: compression ?? 'none' };
}

/** By the first bytes; a tar archive begins with a file name, which never looks like these. */
export function compressionOf(bytes: Uint8Array): Compression {
  const starts = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) || starts(0x42, 0x5a, 0x68)) return 'other';
  return 'none';
}

function archiveOf(c: Containerd, files: Map<string, ArchiveFile>, links: Map<string, string>): ImageArchive {
  const find = (path: string): ArchiveFile | undefined => {
    let at = insideArchive(path);
    for (let hops = 0; hops < 40; hops++) {
      const file = files.get(at);
      const next = links.get(at);
      if (file || next === undefined) return file;
      at = next;
    }
    throw new DockerError('invalid', `the archive is refused: the link ${JSON.stringify(path)} never ends`);
  };
  const need = (path: string): ArchiveFile => {
    const file = find(path);
    if (!file) throw new DockerError('invalid', `the archive is incomplete: ${JSON.stringify(path)} is missing`);
    return file;
  };
  return {
    has: (path) => find(path) !== undefined,
    paths: () => [...files.keys(), ...links.keys()],
    async document(path) {
      const file = need(path);
      if ('bytes' in file) return file.bytes;
      if (file.size > maxDocumentBytes) {
        throw new DockerError('invalid', `the archive is refused: ${JSON.stringify(path)} has ${file.size} bytes`);
      }
      return c.content.readAll(file.digest);
    },
    async blob(path) {
      const file = need(path);
      if ('digest' in file) return { digest: file.digest, size: file.size, compression: file.compression };
      const digest = sha256(file.bytes);
      const named = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
      if (named !== undefined && digest !== `sha256:${named}`) {
        throw new DockerError('invalid', `archive entry ${path} is corrupt: its content has digest ${digest}`);
      }
      const bytes = file.bytes;
      async function* once(): AsyncGenerator<Uint8Array> {
        yield bytes;
      }
      const options = { ref: `layer-${digest}`, expected: digest, size: file.size, what: `archive entry ${path}` };
      await ingestStream(c, once(), options);
      return { digest, size: file.size, compression: compressionOf(file.bytes) };
    },
  };
}
