import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import { insideArchive } from './archive.ts';

export interface FileEntry {
  path: string;
  size: number;
  /** Where its content begins, in bytes from the beginning of the input. */
  offset: number;
  /** To be read to its end, unless the reading of entries ends with it. */
  content: AsyncIterable<Uint8Array>;
}

/**
 * Reads tar entries until the input or `onFile` ends it.
 * @param onFile called for each regular file; false: no more
 * @param links gets those of the archive
 * @throws DockerError invalid: no tar archive, truncated, paths or links that leave it
 */
export async function readEntries(
  input: Readable,
  signal: AbortSignal,
  links: Map<string, string>,
  onFile: (entry: FileEntry) => Promise<boolean>,
): Promise<void> {
  const tar = extract();
  const feeding = pipeline(input, tar, { signal });
  // Its error also ends the loop below, which reports it.
  feeding.catch(() => {});
  try {
    for await (const entry of tar) {
      const {
        type,
        linkname,
        size = 0,
        byteOffset = 0,
      } = entry.header as typeof entry.header & { byteOffset?: number };
      const path = insideArchive(entry.header.name);
      if (type === 'file' || type === 'contiguous-file') {
        // tar-stream's types know no element type.
        const content = entry as unknown as AsyncIterable<Uint8Array>;
        if (!(await onFile({ path, size, offset: byteOffset, content }))) return;
        continue;
      }
      if (type === 'symlink' || type === 'link') {
        const base = type === 'symlink' ? posix.dirname(path) : '.';
        links.set(path, insideArchive(linkname ?? '', base));
      }
      entry.resume();
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
}

export const truncated = (cause?: unknown): DockerError =>
  new DockerError('invalid', 'the archive is truncated: unexpected end of data', { cause });

function archiveError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || isDockerError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: string }).code;
  if (/^Invalid tar header/.test(message)) {
    return new DockerError('invalid', 'the input is not a tar archive, or it is damaged', { cause: error });
  }
  if (/Unexpected end of data/.test(message) || code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return truncated(error);
  }
  if (code?.startsWith('Z_') || code?.startsWith('ZSTD_')) {
    return new DockerError('invalid', `the compressed archive is damaged: ${message}`, { cause: error });
  }
  return error;
}
