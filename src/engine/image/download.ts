import { setTimeout } from 'node:timers/promises';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import type { OciDescriptor } from '../../docker/oci.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Repository } from '../../registry/client.ts';
import { isRegistryError, RegistryError } from '../../registry/errors.ts';
import { pauseBefore } from '../../registry/retry.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { ContentWriter } from '../../runtime/content.ts';
import { ingestRef } from './content.ts';
import { commitWriter, gathered } from './ingest.ts';

const maxRestarts = 3;

export interface DownloadOptions {
  signal: AbortSignal;
  labels?: Record<string, string>;
  /** Bytes of the blob that are in the ingest. */
  onProgress?: (current: number) => void;
  onVerify?: () => void;
  onRetry?: (seconds: number) => void;
  /** Milliseconds, see RetryOptions. */
  firstPause?: number;
}

/**
 * Fetches one blob into the content store. It goes on where an earlier attempt, of this or of a killed process, left
 * off; two processes fetching the same blob share it: the second waits, and finds it.
 * @returns false when the blob was there already
 * @throws DockerError invalid when the registry sends something else; the ingest is then thrown away
 */
export async function downloadBlob(
  c: Containerd,
  repository: Repository,
  desc: OciDescriptor,
  options: DownloadOptions,
): Promise<boolean> {
  const ref = ingestRef(desc);
  let failures = 0;
  let restarts = 0;
  for (;;) {
    const writer = await openIngest(c, ref, desc);
    if (!writer) return false;
    const before = writer.offset;
    try {
      if (writer.offset < desc.size) await transfer(repository, writer, desc, options);
      options.onVerify?.();
      const labels = options.labels;
      const what = `layer ${desc.digest}`;
      await commitWriter(c, writer, { ref, expected: desc.digest, size: desc.size, labels, what });
      return true;
    } catch (error) {
      const reached = writer.offset;
      writer.close();
      options.signal.throwIfAborted();
      const corrupt = isDockerError(error, 'invalid');
      const noPart = isRegistryError(error) && error.status === 416;
      if (corrupt || noPart) await abortIngest(c, ref);
      // What somebody else left may be to blame, or a registry that gives no parts: again from the beginning.
      if ((corrupt || noPart) && before > 0 && restarts++ < maxRestarts) continue;
      if (corrupt) throw verificationError(desc, error);
      if (noPart) throw verificationError(desc, tooShort(desc));
      failures = reached > before ? 1 : failures + 1;
      const pause = pauseBefore(error, failures, { signal: options.signal, firstPause: options.firstPause });
      if (pause === undefined) throw error;
      options.onRetry?.(pause / 1000);
      await setTimeout(pause, undefined, { signal: options.signal });
    } finally {
      writer.close();
    }
  }
}

const tooShort = ({ size }: OciDescriptor): string =>
  `the registry has less than the ${size} bytes that the manifest promises`;

function verificationError(desc: OciDescriptor, cause: unknown): DockerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DockerError('invalid', `filesystem layer verification failed for digest ${desc.digest}: ${reason}`, {
    cause,
  });
}

async function openIngest(c: Containerd, ref: string, desc: OciDescriptor): Promise<ContentWriter | undefined> {
  try {
    const writer = await c.content.writer(ref, { total: desc.size, expected: desc.digest });
    if (writer.offset <= desc.size) return writer;
    writer.close();
    await abortIngest(c, ref);
    return await c.content.writer(ref, { total: desc.size, expected: desc.digest });
  } catch (error) {
    if (isRpcError(error, Code.ALREADY_EXISTS)) return undefined;
    throw error;
  }
}

async function abortIngest(c: Containerd, ref: string): Promise<void> {
  await c
    .withSignal(undefined)
    .content.abort(ref)
    .catch(() => {});
}

async function transfer(
  repository: Repository,
  writer: ContentWriter,
  desc: OciDescriptor,
  options: DownloadOptions,
): Promise<void> {
  const { start, stream, bounded } = await repository.blob(desc.digest, writer.offset, options.signal);
  let position = start;
  options.onProgress?.(writer.offset);
  for await (const next of gathered(stream, writer.offset - start)) {
    position = start + next.position;
    if (position > desc.size) {
      throw new DockerError('invalid', `the registry sent more than the ${desc.size} bytes that the manifest promises`);
    }
    await writer.write(next.chunks);
    if (next.chunks.length > 0) options.onProgress?.(position);
  }
  if (position === desc.size) return;
  // A whole answer that is too short would be so again.
  if (bounded) throw new DockerError('invalid', tooShort(desc));
  throw new RegistryError(`the connection was cut after ${position} of ${desc.size} bytes`);
}
