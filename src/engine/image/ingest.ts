import { DockerError, isDockerError } from '../../docker/errors.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { ContentWriter } from '../../runtime/content.ts';

/** Large enough that a message's own cost vanishes, below every gRPC limit of containerd. */
const writeSize = 512 << 10;

/** A slow source is not held back longer than this, in milliseconds. */
const patience = 200;

export interface Gathered {
  /** For one write. */
  chunks: Uint8Array[];
  /** Bytes of the source until here, with those that were skipped. */
  position: number;
}

/**
 * Gathers small chunks, after the first `skip` bytes: each write to containerd is a message and an answer. What came
 * before an error of the source is given out before the error.
 */
export async function* gathered(source: AsyncIterable<Uint8Array>, skip = 0): AsyncGenerator<Gathered> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let position = 0;
  let since = Date.now();
  let failure: { error: unknown } | undefined;
  try {
    for await (const chunk of source) {
      const skipped = Math.min(chunk.length, Math.max(0, skip - position));
      position += chunk.length;
      if (skipped < chunk.length) chunks.push(skipped === 0 ? chunk : chunk.subarray(skipped));
      size += chunk.length - skipped;
      if (size < writeSize && Date.now() - since < patience) continue;
      yield { chunks, position };
      chunks = [];
      size = 0;
      since = Date.now();
    }
  } catch (error) {
    failure = { error };
  }
  yield { chunks, position };
  if (failure) throw failure.error;
}

export interface IngestOptions {
  /** The ingest's name: unique to the blob, or to this process when the digest is not known. */
  ref: string;
  expected?: string;
  size?: number;
  labels?: Record<string, string>;
  /** For messages: `layer sha256:…`, `archive entry x`. */
  what: string;
}

/**
 * Stores a stream that cannot be read again. Nothing of it remains when it fails.
 * @returns undefined when `expected` is there already: the stream has not been touched
 * @throws DockerError invalid when the content is not what `expected` says
 */
export async function ingestStream(
  c: Containerd,
  chunks: AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<{ digest: string; size: number } | undefined> {
  const writer = await openIngest(c, options);
  return writer && fill(c, writer, chunks, options);
}

/** The same for what can be read again: where the beginning that a killed process left is wrong, it starts anew. */
export async function ingestFile(
  c: Containerd,
  chunks: () => AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<{ digest: string; size: number } | undefined> {
  for (;;) {
    const writer = await openIngest(c, options);
    if (!writer) return undefined;
    const resumed = writer.offset > 0;
    try {
      return await fill(c, writer, chunks(), options);
    } catch (error) {
      if (!resumed || !isDockerError(error, 'invalid')) throw error;
    }
  }
}

async function openIngest(c: Containerd, { ref, expected, size }: IngestOptions): Promise<ContentWriter | undefined> {
  try {
    return await c.content.writer(ref, { total: size, expected });
  } catch (error) {
    if (expected !== undefined && isRpcError(error, Code.ALREADY_EXISTS)) return undefined;
    throw error;
  }
}

async function fill(
  c: Containerd,
  writer: ContentWriter,
  chunks: AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<{ digest: string; size: number }> {
  try {
    let position = 0;
    for await (const next of gathered(chunks, writer.offset)) {
      await writer.write(next.chunks);
      position = next.position;
    }
    return await commitWriter(c, writer, { ...options, size: position });
  } catch (error) {
    writer.close();
    await c
      .withSignal(undefined)
      .content.abort(options.ref)
      .catch(() => {});
    throw error;
  } finally {
    writer.close();
  }
}

/** @throws DockerError invalid when the content is not what `expected` says */
export async function commitWriter(
  c: Containerd,
  writer: ContentWriter,
  { ref, expected, size, labels, what }: IngestOptions,
): Promise<{ digest: string; size: number }> {
  try {
    return await writer.commit({ size, expected, labels });
  } catch (error) {
    if (isRpcError(error, Code.ALREADY_EXISTS)) {
      const digest = expected ?? digestIn(error.details);
      if (expected === undefined) await leaseExisting(c, ref, digest);
      return { digest, size: size ?? 0 };
    }
    if (isRpcError(error, Code.FAILED_PRECONDITION)) {
      throw new DockerError('invalid', `${what} is corrupt: ${error.details.replace(/: failed precondition$/, '')}`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** A blob that is there joins the lease when it is asked for by digest, not when it turns up at commit. */
async function leaseExisting(c: Containerd, ref: string, digest: string): Promise<void> {
  try {
    (await c.content.writer(ref, { expected: digest })).close();
  } catch (error) {
    if (!isRpcError(error, Code.ALREADY_EXISTS)) throw error;
    return;
  }
  throw new DockerError('system', `blob ${digest} was removed while it was being loaded: try again`);
}

/** containerd names the blob that is there already; without an expected digest it is the only one who knows. */
function digestIn(details: string): string {
  const digest = /sha256:[0-9a-f]{64}/.exec(details)?.[0];
  if (digest === undefined) throw new DockerError('system', `containerd did not say what it stored: ${details}`);
  return digest;
}
