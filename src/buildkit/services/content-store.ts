import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, RpcError } from '../../grpc/status.ts';
import { openIngestFile } from '../../host/ingest-file.ts';

/** An OCI image layout on this machine: blobs by digest. */
export interface ContentStore {
  info(digest: string): Promise<{ size: number; modified: Date }>;
  read(digest: string, offset: number, size: number): AsyncIterable<Uint8Array>;
  ingest(ref: string, expected: string, total: number): Promise<Ingest>;
  /** What is being written. */
  active(ref: string): Ingest | undefined;
}

/** A blob on its way in. */
export interface Ingest {
  readonly ref: string;
  readonly offset: number;
  readonly started: Date;
  updated: Date;
  total: number;
  expected: string;
  /** Of what was written so far. */
  digest(): string;
  write(data: Uint8Array): Promise<void>;
  truncate(): Promise<void>;
  /** @throws RpcError when it is not what was expected, or there already */
  commit(): Promise<void>;
  /** Throws it away, unless it was committed. */
  close(): Promise<void>;
}

const CHUNK = 1 << 20;

/** @param dir may be missing; it is made when something is written */
export function layoutStore(dir: string, writable: boolean): ContentStore {
  const ingests = new Map<string, Ingest>();

  function pathOf(digest: string): string {
    if (!/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(digest)) {
      throw new RpcError(Code.INVALID_ARGUMENT, `invalid digest "${digest}"`);
    }
    return join(dir, 'blobs', ...digest.split(':'));
  }

  async function info(digest: string): Promise<{ size: number; modified: Date }> {
    try {
      const { size, mtime } = await stat(pathOf(digest));
      return { size, modified: mtime };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new RpcError(Code.NOT_FOUND, `content ${digest}: not found`);
    }
  }

  const has = (digest: string): Promise<boolean> =>
    info(digest).then(
      () => true,
      (error) => {
        if ((error as RpcError).code === Code.NOT_FOUND) return false;
        throw error;
      },
    );

  return {
    info,
    async *read(digest, offset, size) {
      const { size: whole } = await info(digest);
      if (offset < 0 || offset > whole) {
        throw new RpcError(Code.OUT_OF_RANGE, `read past object length ${whole} bytes`);
      }
      const end = size > 0 ? Math.min(whole, offset + size) : whole;
      if (offset === end) return;
      yield* createReadStream(pathOf(digest), { start: offset, end: end - 1, highWaterMark: CHUNK });
    },
    active: (ref) => ingests.get(ref),
    async ingest(ref, expected, total) {
      if (!writable) throw new RpcError(Code.FAILED_PRECONDITION, `the content store ${dir} is only read`);
      if (ref === '') throw new RpcError(Code.INVALID_ARGUMENT, 'first message must have a reference');
      if (ingests.has(ref)) throw new RpcError(Code.UNAVAILABLE, `ref ${ref} locked`);
      if (expected !== '') pathOf(expected);
      // Held before the first await: of two writers of a ref one comes first.
      const ingest = newIngest(ref, expected, total);
      ingests.set(ref, ingest);
      try {
        if (expected !== '' && (await has(expected))) throw exists(expected);
        await ingest.open();
        return ingest;
      } catch (error) {
        ingests.delete(ref);
        throw error;
      }
    },
  };

  function newIngest(ref: string, expected: string, total: number): Ingest & { open(): Promise<void> } {
    const algorithm = expected.startsWith('sha512:') ? 'sha512' : 'sha256';
    let hash = createHash(algorithm);
    let file: Awaited<ReturnType<typeof openIngestFile>> | undefined;
    let offset = 0;
    const now = new Date();
    const self = {
      ref,
      expected,
      total,
      started: now,
      updated: now,
      get offset() {
        return offset;
      },
      digest: () => `${algorithm}:${hash.copy().digest('hex')}`,
      async open() {
        file = await openIngestFile(join(dir, 'blobs', algorithm));
      },
      async write(data: Uint8Array) {
        await file!.write(data);
        hash.update(data);
        offset += data.length;
        self.updated = new Date();
      },
      async truncate() {
        await file!.truncate();
        hash = createHash(algorithm);
        offset = 0;
      },
      async commit() {
        const digest = self.digest();
        if (self.total > 0 && offset !== self.total) {
          throw mismatch(`unexpected commit size ${offset}, expected ${self.total}`);
        }
        if (self.expected !== '' && digest !== self.expected) {
          throw mismatch(`unexpected commit digest ${digest}, expected ${self.expected}`);
        }
        if (await has(digest)) throw exists(digest);
        await file!.commit(pathOf(digest));
      },
      async close() {
        ingests.delete(ref);
        await file?.discard();
      },
    };
    return self;
  }
}

const exists = (digest: string) => new RpcError(Code.ALREADY_EXISTS, `content ${digest}: already exists`);
const mismatch = (sentence: string) => new RpcError(Code.FAILED_PRECONDITION, sentence);
