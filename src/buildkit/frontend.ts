import {
  PingRequest,
  PongResponse,
  ReturnRequest,
  SolveRequest,
  SolveResponse,
} from '../gen/moby/buildkit/v1/frontend/gateway.ts';
import type { HeaderField } from '../grpc/hpack.ts';
import type { ControlRpc } from './rpc.ts';

/** The place of a frontend in a solve. */
export interface FrontendPlace {
  /** Of a solve without a frontend, which waits for this one's answer. It has to be under way, and ends after it. */
  ref: string;
  signal?: AbortSignal;
}

/** Calls of `/moby.buildkit.v1.frontend.LLBBridge`. */
export interface BridgeRpc {
  rpc: ControlRpc;
  options: { signal: AbortSignal | undefined; metadata: HeaderField[] };
  /** What BuildKit can do, by its names for it. */
  capabilities: ReadonlySet<string>;
}

const noMessage = { decode: () => undefined };

/** Takes the place of a solve's frontend, as BuildKit's own client does: a plain solve gives out nothing of a frontend. */
export async function inPlaceOfFrontend<T>(
  rpc: ControlRpc,
  { ref, signal }: FrontendPlace,
  work: (bridge: BridgeRpc) => Promise<T>,
): Promise<T> {
  const options: BridgeRpc['options'] = { signal, metadata: [['buildkit-controlapi-buildid', ref]] };
  const { LLBCaps } = await rpc.call('Ping', PingRequest, {}, PongResponse, options);
  const capabilities = new Set(LLBCaps.filter(({ Enabled }) => Enabled).map(({ ID }) => ID));
  const answer = await work({ rpc, options, capabilities });
  await rpc.call('Return', ReturnRequest, { result: { ref: undefined, metadata: {} } }, noMessage, options);
  return answer;
}

/** A solve within the solve. */
export async function bridgeSolve({ rpc, options }: BridgeRpc, request: Partial<SolveRequest>): Promise<SolveResponse> {
  const results = { allowResultReturn: true, allowResultArrayRef: true };
  return rpc.call('Solve', SolveRequest, { ...request, ...results }, SolveResponse, options);
}

export interface FrontendCall extends FrontendPlace {
  frontend: string;
  attrs: Record<string, string>;
}

/**
 * Calls the frontend itself and takes what it says.
 * @returns the frontend's metadata, `result.json` and `result.txt` among it
 */
export async function callFrontend(rpc: ControlRpc, call: FrontendCall): Promise<Record<string, string>> {
  const request = { Frontend: call.frontend, FrontendOpt: call.attrs };
  const { result } = await inPlaceOfFrontend(rpc, call, (bridge) => bridgeSolve(bridge, request));
  const metadata = Object.entries(result?.metadata ?? {});
  return Object.fromEntries(metadata.map(([key, value]) => [key, Buffer.from(value).toString()]));
}
