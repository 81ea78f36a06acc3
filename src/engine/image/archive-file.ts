import { randomBytes } from 'node:crypto';
import { readSeekable, type SeekableFile, seekableChunks, seekableStream } from '../../host/seekable.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { archiveOf, compressionOf, type ImageArchive, nameOf, type StoredBlob } from './archive.ts';
import { readEntries, truncated } from './archive-entries.ts';
import { ingestFile } from './ingest.ts';
import { limiter } from './limit.ts';

/** A regular file of the archive; `offset` is where its content begins. */
interface FileRange {
  size: number;
  offset: number;
}

/** What is larger is leapt over while the archive's table of contents is made. */
const leapSize = 64 << 10;

/** While one blob is made durable at its end, the next one is sent. */
const parallelBlobs = 2;

/**
 * An image archive in a file that can be read anywhere: only what its images consist of is stored, in the order in
 * which it is asked for.
 * @throws DockerError invalid: no tar archive, truncated, paths or links that leave it
 */
export async function openArchiveFile(c: Containerd, file: SeekableFile, signal: AbortSignal): Promise<ImageArchive> {
  const files = new Map<string, FileRange>();
  const links = new Map<string, string>();
  for (let at = 0; at < file.size; ) {
    const begin = at;
    at = file.size;
    await readEntries(seekableStream(file, begin), signal, links, async ({ path, size, offset, content }) => {
      files.set(path, { size, offset: begin + offset });
      if (size > leapSize) at = begin + offset + Math.ceil(size / 512) * 512;
      else for await (const _ of content);
      return size <= leapSize;
    });
    if (at > file.size) throw truncated();
  }
  const limit = limiter(parallelBlobs);
  const look = async (range: FileRange) => ({
    size: range.size,
    compression: compressionOf(await readSeekable(file, range.offset, Math.min(range.size, 6))),
  });

  let failure: { error: unknown } | undefined;

  async function store(range: FileRange, path: string, digest?: string): Promise<StoredBlob> {
    if (failure) throw failure.error;
    const { size, compression } = await look(range);
    const ref = digest === undefined ? `load-${randomBytes(8).toString('hex')}` : `layer-${digest}`;
    const chunks = () => seekableChunks(file, range.offset, size);
    try {
      const blob = await ingestFile(c, chunks, { ref, expected: digest, size, what: nameOf(path) });
      return { digest: blob?.digest ?? digest!, size, compression };
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  }

  return archiveOf(
    { files, links },
    {
      read: (range) => readSeekable(file, range.offset, range.size),
      look,
      store: (range, path, expected) => limit(() => store(range, path, expected)),
    },
  );
}
