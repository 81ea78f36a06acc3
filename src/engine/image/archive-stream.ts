import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DockerError } from '../../docker/errors.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import {
  archiveOf,
  type Compression,
  compressionOf,
  type ImageArchive,
  namedDigest,
  nameOf,
  type StoredBlob,
} from './archive.ts';
import { type FileEntry, readEntries } from './archive-entries.ts';
import { sha256 } from './content.ts';
import { ingestStream } from './ingest.ts';

/** In memory while small, else in the content store. */
type StreamedFile = { size: number; bytes: Uint8Array } | StoredBlob;

/** What is smaller stays in memory until it is known what it is, up to `memoryBudget` in all. */
const memoryLimit = 256 << 10;
const memoryBudget = 64 << 20;

/**
 * Reads a whole image archive once, from a pipe. Which file is a layer is often said at its end only, so all
 * large files become blobs under the caller's lease, and the collector takes those that no image refers to.
 * @throws DockerError invalid: no tar archive, truncated, paths or links that leave it, wrong digests
 */
export async function readArchive(c: Containerd, input: Readable, signal: AbortSignal): Promise<ImageArchive> {
  const files = new Map<string, StreamedFile>();
  const links = new Map<string, string>();
  let inMemory = 0;
  await readEntries(input, signal, links, async (entry) => {
    const { path, size, content } = entry;
    if (size <= memoryLimit && inMemory + size <= memoryBudget) {
      const bytes = await collect(content);
      inMemory += bytes.length;
      files.set(path, { size: bytes.length, bytes });
    } else {
      files.set(path, await storeEntry(c, entry));
    }
    return true;
  });
  return archiveOf(
    { files, links },
    {
      read: async (file) => ('bytes' in file ? file.bytes : c.content.readAll(file.digest)),
      look: async (file) => ({
        size: file.size,
        compression: 'bytes' in file ? compressionOf(file.bytes) : file.compression,
      }),
      async store(file, path, expected) {
        const stored = 'bytes' in file ? await storeBytes(c, file.bytes, path, expected) : file;
        if (expected !== undefined && stored.digest !== expected) throw corrupt(path, stored.digest, expected);
        return stored;
      },
    },
  );
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function storeEntry(c: Containerd, { path, size, content }: FileEntry): Promise<StoredBlob> {
  const expected = namedDigest(path);
  let compression: Compression | undefined;
  async function* sniffed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      compression ??= compressionOf(chunk);
      yield chunk;
    }
  }
  const ref = expected ? `layer-${expected}` : `load-${randomBytes(8).toString('hex')}`;
  const stored = await ingestStream(c, sniffed(), { ref, expected, size, what: nameOf(path) });
  if (stored) return { size: stored.size, digest: stored.digest, compression: compression ?? 'none' };
  // It is there already; the archive's copy is read past, for its first bytes.
  for await (const _ of sniffed());
  return { size, digest: expected!, compression: compression ?? 'none' };
}

const corrupt = (path: string, digest: string, expected: string): DockerError =>
  new DockerError('invalid', `${nameOf(path)} is corrupt: it has digest ${digest}, not ${expected}`);

async function storeBytes(
  c: Containerd,
  bytes: Uint8Array,
  path: string,
  expected = sha256(bytes),
): Promise<StoredBlob> {
  const digest = sha256(bytes);
  if (digest !== expected) throw corrupt(path, digest, expected);
  async function* once(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  const options = { ref: `layer-${digest}`, expected: digest, size: bytes.length, what: nameOf(path) };
  await ingestStream(c, once(), options);
  return { digest, size: bytes.length, compression: compressionOf(bytes) };
}
