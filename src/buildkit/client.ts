import {
  BuildHistoryEvent,
  type BuildHistoryRecord,
  BuildHistoryRequest,
  DiskUsageRequest,
  DiskUsageResponse,
  InfoRequest,
  InfoResponse,
  ListWorkersRequest,
  ListWorkersResponse,
  PruneRequest,
  SolveRequest,
  SolveResponse,
  StatusRequest,
  StatusResponse,
  UsageRecord,
  type WorkerRecord,
} from '../gen/moby/buildkit/v1/control.ts';
import { ReadContentRequest, ReadContentResponse } from '../gen/moby/session/content.ts';
import { createChannel } from '../grpc/channel.ts';
import { remotePeer } from '../grpc/keep-alive.ts';
import { parseAddress } from './address.ts';
import { buildKitDialer, type TlsFiles } from './dialer.ts';
import { callFrontend, type FrontendCall, type FrontendPlace, inPlaceOfFrontend } from './frontend.ts';
import { type HttpFileRequest, readHttpFile } from './http-file.ts';
import { controlRpc } from './rpc.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

export type { Session, SessionOptions, TlsFiles };

interface CallOptions {
  signal?: AbortSignal;
}

/**
 * The control service of a BuildKit (`moby.buildkit.v1.Control`). What it answers with is an RpcError, a build's failure
 * with `statusDetails`; a connection that cannot be made, or breaks, is a DockerError.
 */
export interface BuildKit {
  solve(request: Partial<SolveRequest>, options?: CallOptions): Promise<SolveResponse>;
  /** What happens in the build `ref`; ends with it. */
  status(ref: string, options?: CallOptions): AsyncIterableIterator<StatusResponse>;
  /** What a frontend answers to a question: see callFrontend. */
  callFrontend(call: FrontendCall): Promise<Record<string, string>>;
  /** What it can do, by its own names. */
  capabilities(place: FrontendPlace): Promise<ReadonlySet<string>>;
  /** See readHttpFile. */
  readHttpFile(request: HttpFileRequest): Promise<Uint8Array>;
  listWorkers(filter?: string[]): Promise<WorkerRecord[]>;
  /** BuildKit before 0.12 answers that it does not know it. */
  info(): Promise<InfoResponse>;
  diskUsage(filter?: string[]): Promise<UsageRecord[]>;
  /** What was removed, as it is. */
  prune(request: Partial<PruneRequest>, options?: CallOptions): AsyncIterableIterator<UsageRecord>;
  /** What is noted of a build; BuildKit before 0.11 answers that it does not know it. */
  history(ref: string): Promise<BuildHistoryRecord[]>;
  /** A blob of BuildKit's content store, whole. */
  readContent(digest: string): Promise<Uint8Array>;
  /** Requests that follow find the session. */
  openSession(options: SessionOptions): Promise<Session>;
  close(): void;
}

export interface ConnectOptions {
  /** As parseAddress reads it. */
  address: string;
  /** For tcp; without it the connection is plain. */
  tls?: TlsFiles;
  /** Cancels the calls that have no signal of their own. */
  signal?: AbortSignal;
}

/**
 * Dials at the first call.
 * @throws DockerError invalid when the address or a file of `tls` is
 */
export function connectBuildKit({ address, tls, signal }: ConnectOptions): BuildKit {
  const parsed = parseAddress(address);
  const { dial, target } = buildKitDialer(parsed, tls);
  const channel = createChannel(dial, target, parsed.endpoint.kind === 'tcp' ? remotePeer : undefined);
  const rpc = controlRpc(channel, address);
  const bridge = controlRpc(channel, address, '/moby.buildkit.v1.frontend.LLBBridge');
  const content = controlRpc(channel, address, '/containerd.services.content.v1.Content');
  const options = { signal };

  return {
    solve: (request, o = options) => rpc.call('Solve', SolveRequest, request, SolveResponse, o),
    status: (Ref, o = options) => rpc.serverStream('Status', StatusRequest, { Ref }, StatusResponse, o),
    callFrontend: (call) => callFrontend(bridge, { signal, ...call }),
    capabilities: (place) => inPlaceOfFrontend(bridge, { signal, ...place }, async ({ capabilities }) => capabilities),
    readHttpFile: (request) => readHttpFile(bridge, { signal, ...request }),
    async listWorkers(filter = []) {
      return (await rpc.call('ListWorkers', ListWorkersRequest, { filter }, ListWorkersResponse, options)).record;
    },
    info: () => rpc.call('Info', InfoRequest, {}, InfoResponse, options),
    async diskUsage(filter = []) {
      return (await rpc.call('DiskUsage', DiskUsageRequest, { filter }, DiskUsageResponse, options)).record;
    },
    prune: (request, o = options) => rpc.serverStream('Prune', PruneRequest, request, UsageRecord, o),
    async history(Ref) {
      const events = rpc.serverStream(
        'ListenBuildHistory',
        BuildHistoryRequest,
        { Ref, EarlyExit: true },
        BuildHistoryEvent,
        options,
      );
      const records: BuildHistoryRecord[] = [];
      for await (const { record } of events) if (record) records.push(record);
      return records;
    },
    async readContent(digest) {
      const pieces: Uint8Array[] = [];
      const read = content.serverStream('Read', ReadContentRequest, { digest }, ReadContentResponse, options);
      for await (const { data } of read) pieces.push(data);
      return Buffer.concat(pieces);
    },
    openSession: async (o) => openSession(channel, { signal, ...o }),
    close: () => channel.close(),
  };
}
