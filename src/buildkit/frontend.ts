import { PingRequest, ReturnRequest, SolveRequest, SolveResponse } from '../gen/moby/buildkit/v1/frontend/gateway.ts';
import type { ControlRpc } from './rpc.ts';

export interface FrontendCall {
  /** Of the solve without a frontend that waits for this one's answer. */
  ref: string;
  frontend: string;
  attrs: Record<string, string>;
  signal?: AbortSignal;
}

const noMessage = { decode: () => undefined };

/**
 * Calls a frontend in the place of a build and takes what it says, as BuildKit's own client does: a plain solve gives out
 * nothing of it. The solve `ref` has to be under way, and ends after this.
 * @param rpc of `/moby.buildkit.v1.frontend.LLBBridge`
 * @returns the frontend's metadata, `result.json` and `result.txt` among it
 */
export async function callFrontend(rpc: ControlRpc, call: FrontendCall): Promise<Record<string, string>> {
  const options = { signal: call.signal, metadata: [['buildkit-controlapi-buildid', call.ref] as const] };
  await rpc.call('Ping', PingRequest, {}, noMessage, options);
  const request = {
    Frontend: call.frontend,
    FrontendOpt: call.attrs,
    allowResultReturn: true,
    allowResultArrayRef: true,
  };
  const { result } = await rpc.call('Solve', SolveRequest, request, SolveResponse, options);
  await rpc.call('Return', ReturnRequest, { result: { metadata: {} } }, noMessage, options);
  const metadata = Object.entries(result?.metadata ?? {});
  return Object.fromEntries(metadata.map(([key, value]) => [key, Buffer.from(value).toString()]));
}
