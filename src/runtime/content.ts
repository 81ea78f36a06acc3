import {
  AbortRequest,
  DeleteContentRequest,
  Info,
  InfoRequest,
  InfoResponse,
  ListContentRequest,
  ListContentResponse,
  ListStatusesRequest,
  ListStatusesResponse,
  ReadContentRequest,
  ReadContentResponse,
  type Status,
  StatusRequest,
  StatusResponse,
  UpdateRequest,
  UpdateResponse,
} from '../gen/containerd/services/content/v1/content.ts';
import { type ContentWriter, openWriter, type WriterOptions } from './content-writer.ts';
import { complete } from './messages.ts';
import { Empty, type Rpc } from './rpc.ts';

export type { ContentWriter, Info as ContentInfo, Status as IngestStatus, WriterOptions };

export interface Content {
  info(digest: string): Promise<Info>;
  list(filters?: string[]): Promise<Info[]>;
  /** The blob in chunks of up to 1 MiB, which may be views of larger buffers; leaving the loop ends the call. */
  read(digest: string, range?: { offset?: number; size?: number }): AsyncIterableIterator<Uint8Array>;
  /** For manifests and configs. */
  readAll(digest: string): Promise<Uint8Array>;
  /**
   * Opens or resumes the ingest named `ref`: `offset` says what is already there. Rejects with ALREADY_EXISTS when the
   * expected blob is there; waits while another writer has the ref.
   */
  writer(ref: string, options?: WriterOptions): Promise<ContentWriter>;
  status(ref: string): Promise<Status>;
  listStatuses(filters?: string[]): Promise<Status[]>;
  /** Throws the ingest away. */
  abort(ref: string): Promise<void>;
  delete(digest: string): Promise<void>;
  /** @param paths the fields to change, as in `labels.containerd.io/gc.ref.content.0` */
  update(info: Partial<Info> & { digest: string }, paths: string[]): Promise<Info>;
}

const SERVICE = 'containerd.services.content.v1.Content';

export function contentService(rpc: Rpc): Content {
  function read(digest: string, { offset = 0, size = 0 } = {}): AsyncIterableIterator<Uint8Array> {
    const request = { digest, offset, size };
    const replies = rpc.serverStream(`${SERVICE}/Read`, ReadContentRequest, request, ReadContentResponse);
    return {
      async next() {
        const reply = await replies.next();
        return reply.done ? { done: true, value: undefined } : { done: false, value: reply.value.data };
      },
      async return() {
        await replies.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    read,
    async info(digest) {
      return (await rpc.call(`${SERVICE}/Info`, InfoRequest, { digest }, InfoResponse)).info!;
    },
    async list(filters = []) {
      const found: Info[] = [];
      const request = { filters };
      for await (const reply of rpc.serverStream(`${SERVICE}/List`, ListContentRequest, request, ListContentResponse)) {
        for (const info of reply.info) found.push(info);
      }
      return found;
    },
    async readAll(digest) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of read(digest)) chunks.push(chunk);
      return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    },
    writer: (ref, options = {}) => openWriter(rpc, ref, options),
    async status(ref) {
      return (await rpc.call(`${SERVICE}/Status`, StatusRequest, { ref }, StatusResponse)).status!;
    },
    async listStatuses(filters = []) {
      const request = { filters };
      return (await rpc.call(`${SERVICE}/ListStatuses`, ListStatusesRequest, request, ListStatusesResponse)).statuses;
    },
    abort: (ref) => rpc.call(`${SERVICE}/Abort`, AbortRequest, { ref }, Empty),
    delete: (digest) => rpc.call(`${SERVICE}/Delete`, DeleteContentRequest, { digest }, Empty),
    async update(info, paths) {
      const request = { info: complete(Info, info), updateMask: paths };
      return (await rpc.call(`${SERVICE}/Update`, UpdateRequest, request, UpdateResponse)).info!;
    },
  };
}
