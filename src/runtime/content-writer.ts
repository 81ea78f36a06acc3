import { setTimeout as delay } from 'node:timers/promises';
import {
  WriteAction,
  WriteContentRequest,
  WriteContentResponse,
} from '../gen/containerd/services/content/v1/content.ts';
import { Code, isRpcError } from '../grpc/status.ts';
import type { Duplex, PartsEncoder, Rpc } from './rpc.ts';

export interface WriterOptions {
  /** Size of the whole blob, if it is known. */
  total?: number;
  /** Digest of the whole blob, if it is known; checked at commit. */
  expected?: string;
}

/** An open ingest. After an error it is of no use; the ingest itself stays and can be resumed. */
export interface ContentWriter {
  /** Bytes that the ingest has; where the next write goes. */
  readonly offset: number;
  /**
   * Takes any size, and keeps it until it is sent: the caller must leave it as it is. Resolves when flow control has
   * taken it; an error of one write may come with a later one.
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /**
   * Checks size and digest and makes it a blob with these labels. A blob that exists already is success, but then
   * keeps the labels it has.
   */
  commit(options?: { size?: number; expected?: string; labels?: Record<string, string> }): Promise<Committed>;
  /** Lets go of the ingest, which stays for resuming. */
  close(): void;
}

export interface Committed {
  digest: string;
  size: number;
}

const METHOD = 'containerd.services.content.v1.Content/Write';

/** Under containerd's limit for one message, 16 MiB, and large enough that the acknowledgements cost nothing. */
const MAX_CHUNK = 1 << 20;
const FIRST_RETRY = 16;
const LAST_RETRY = 2048;

type Request = Omit<WriteContentRequest, 'data'> & { data?: Piece };

/** What goes into one message. */
interface Piece {
  chunks: readonly Uint8Array[];
  size: number;
}

/** The blob's bytes follow as they are, as the last field (`data = 6`). */
const requestInParts: PartsEncoder<Request> = {
  encode: ({ data, ...message }) => ({
    finish() {
      const head = WriteContentRequest.encode({ ...message, data: new Uint8Array(0) });
      if (data === undefined) return head.finish();
      const field = head.uint32((6 << 3) | 2).uint32(data.size);
      return [field.finish(), ...data.chunks];
    },
  }),
};

function* pieces(chunks: readonly Uint8Array[]): Generator<Piece> {
  let piece: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + MAX_CHUNK - size);
      piece.push(part);
      size += part.length;
      at += part.length;
      if (size < MAX_CHUNK) continue;
      yield { chunks: piece, size };
      piece = [];
      size = 0;
    }
  }
  if (size > 0) yield { chunks: piece, size };
}

type WriteStream = Duplex<Request, WriteContentResponse>;

/** Waits, as containerd's own client does, while another writer holds the ref: there is no event for its release. */
export async function openWriter(rpc: Rpc, ref: string, options: WriterOptions): Promise<ContentWriter> {
  const { total = 0, expected = '' } = options;
  const request = { ref, total, expected, offset: 0, labels: {} };
  for (let pause = FIRST_RETRY; ; pause = Math.min(pause * 2, LAST_RETRY)) {
    const stream: WriteStream = rpc.duplex(METHOD, requestInParts, WriteContentResponse);
    try {
      const first = await roundTrip(stream, { ...request, action: WriteAction.STAT });
      return writerOn(stream, request, first.offset);
    } catch (error) {
      stream.cancel();
      if (!isLocked(error)) throw error;
      // When the signal ends the pause, the next attempt says so.
      await delay(pause, undefined, { signal: rpc.signal }).catch(() => {});
    }
  }
}

/** `ref … locked: unavailable`, the only sign there is. */
function isLocked(error: unknown): boolean {
  return isRpcError(error, Code.UNAVAILABLE) && /\blocked\b/.test(error.details);
}

async function roundTrip(stream: WriteStream, message: Request): Promise<WriteContentResponse> {
  // A write that fails does so with the status of the call, which read reports.
  stream.write(message).catch(() => {});
  const reply = await stream.read();
  if (!reply) throw new Error('containerd ended a content write without an answer');
  return reply;
}

function writerOn(stream: WriteStream, request: Omit<Request, 'action'>, initialOffset: number): ContentWriter {
  let offset = initialOffset;
  let unacknowledged = 0;
  let failure: unknown;
  let acknowledgements: Promise<void> = Promise.resolve();

  /** Every write is answered; the answers are read while the next writes go out. */
  async function readAcknowledgement(): Promise<void> {
    if (failure) return;
    try {
      const reply = await stream.read();
      if (!reply) throw new Error('containerd ended a content write too early');
    } catch (error) {
      failure ??= error;
    }
    unacknowledged--;
  }

  async function write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const data of pieces(chunks)) {
      if (failure) throw failure;
      const message = { ...request, action: WriteAction.WRITE, offset, data };
      offset += data.size;
      unacknowledged++;
      acknowledgements = acknowledgements.then(readAcknowledgement);
      try {
        await stream.write(message);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure) throw failure;
  }

  return {
    get offset() {
      return offset;
    },
    write,
    async commit({ size = request.total, expected = request.expected, labels = {} } = {}) {
      while (unacknowledged > 0 && !failure) await acknowledgements;
      if (failure) throw failure;
      const message = { ...request, action: WriteAction.COMMIT, total: size, expected, offset, labels };
      try {
        const reply = await roundTrip(stream, message);
        return { digest: reply.digest, size: reply.offset };
      } catch (error) {
        if (!isRpcError(error, Code.ALREADY_EXISTS) || !expected) throw error;
        return { digest: expected, size: offset };
      } finally {
        stream.cancel();
      }
    },
    close: () => stream.cancel(),
  };
}
