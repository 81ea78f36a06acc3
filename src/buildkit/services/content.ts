import type { Timestamp } from '../../gen/google/protobuf/timestamp.ts';
import {
  AbortRequest,
  Empty,
  InfoRequest,
  InfoResponse,
  ReadContentRequest,
  ReadContentResponse,
  StatusRequest,
  StatusResponse,
  WriteAction,
  WriteContentRequest,
  WriteContentResponse,
} from '../../gen/moby/session/content.ts';
import { fieldOf } from '../../grpc/hpack.ts';
import type { Handler, ServerCall } from '../../grpc/server.ts';
import { Code, RpcError } from '../../grpc/status.ts';
import { bytesHeader } from '../bytes-message.ts';
import { type ContentStore, type Ingest, layoutStore } from './content-store.ts';
import { unary } from './unary.ts';

export interface LayoutDirectory {
  /** An OCI image layout. */
  dir: string;
  /** Blobs may be added; index.json and oci-layout are not written here. */
  writable?: boolean;
}

const nothing = new Uint8Array(0);
const SERVICE = '/containerd.services.content.v1.Content';

/**
 * containerd's content service over image layouts on this machine.
 * @param stores by the name that BuildKit has for them: `local:DIR`, `export`, `oci:NAME`
 */
export function contentService(stores: Record<string, LayoutDirectory>): [string, Handler][] {
  const known = new Map<string, ContentStore>();
  for (const [id, { dir, writable = false }] of Object.entries(stores)) known.set(id, layoutStore(dir, writable));

  function storeOf({ metadata }: ServerCall): ContentStore {
    const id = fieldOf(metadata, 'buildkit-attachable-store-id') ?? '';
    const store = known.get(Buffer.from(id, 'latin1').toString());
    if (!store) throw new RpcError(Code.NOT_FOUND, `unknown store ${id}`);
    return store;
  }

  return [
    [
      `${SERVICE}/Info`,
      unary(InfoRequest, InfoResponse, async ({ digest }, call) => {
        const { size, modified } = await storeOf(call).info(digest);
        return { info: { digest, size, createdAt: timestamp(modified), updatedAt: timestamp(modified) } };
      }),
    ],
    [
      `${SERVICE}/Status`,
      unary(StatusRequest, StatusResponse, ({ ref }, call) => {
        const { started, updated, offset, total, expected } = activeIngest(storeOf(call), ref);
        return {
          status: { ref, offset, total, expected, startedAt: timestamp(started), updatedAt: timestamp(updated) },
        };
      }),
    ],
    [
      `${SERVICE}/Abort`,
      unary(AbortRequest, Empty, async ({ ref }, call) => {
        await activeIngest(storeOf(call), ref).close();
        return {};
      }),
    ],
    [`${SERVICE}/Read`, (call) => read(storeOf(call), call)],
    [`${SERVICE}/Write`, async (call) => write(storeOf(call), call)],
  ];
}

async function read(store: ContentStore, call: ServerCall): Promise<void> {
  const request = await call.read();
  if (request === undefined) return;
  const { digest, offset: from, size } = ReadContentRequest.decode(request);
  let offset = from;
  for await (const chunk of store.read(digest, offset, size)) {
    // The data follows without a copy.
    const head = ReadContentResponse.encode({ offset, data: nothing }).finish();
    await call.write([head, bytesHeader(2, chunk.length), chunk]);
    offset += chunk.length;
  }
}

/** Requests and responses take turns; the first request names the ref. */
async function write(store: ContentStore, call: ServerCall): Promise<void> {
  const first = await call.read();
  if (first === undefined) return;
  let request = WriteContentRequest.decode(first);
  const ingest = await store.ingest(request.ref, request.expected, request.total);
  try {
    for (;;) {
      await act(ingest, request);
      await call.write(WriteContentResponse.encode(stateOf(ingest, request.action)).finish());
      const next = await call.read();
      if (next === undefined) return;
      request = WriteContentRequest.decode(next);
    }
  } finally {
    await ingest.close();
  }
}

async function act(ingest: Ingest, { ref, action, total, expected, offset, data }: WriteContentRequest): Promise<void> {
  if (ref !== '' && ref !== ingest.ref) throw new RpcError(Code.INVALID_ARGUMENT, 'the reference changed');
  if (total > 0) ingest.total = total;
  if (expected !== '') ingest.expected = expected;
  if (action === WriteAction.STAT) return;
  if (offset > 0 && offset !== ingest.offset) {
    throw new RpcError(Code.OUT_OF_RANGE, `write @${offset} must occur at current offset ${ingest.offset}`);
  }
  if (offset === 0 && ingest.offset > 0 && action === WriteAction.WRITE) await ingest.truncate();
  if (data.length > 0) await ingest.write(data);
  if (action === WriteAction.COMMIT) await ingest.commit();
}

function stateOf(ingest: Ingest, action: WriteAction): WriteContentResponse {
  const { started, updated, offset, total } = ingest;
  const digest = ingest.digest();
  return { action, offset, total, digest, startedAt: timestamp(started), updatedAt: timestamp(updated) };
}

function activeIngest(store: ContentStore, ref: string): Ingest {
  const ingest = store.active(ref);
  if (!ingest) throw new RpcError(Code.NOT_FOUND, `ingest ref ${ref}: not found`);
  return ingest;
}

function timestamp(date: Date): Timestamp {
  const seconds = Math.floor(date.getTime() / 1000);
  return { seconds, nanos: (date.getTime() - seconds * 1000) * 1_000_000 };
}
