import { createHash } from 'node:crypto';
import { ReadFileRequest, ReadFileResponse } from '../gen/moby/buildkit/v1/frontend/gateway.ts';
import { type Definition, Op } from '../gen/moby/solver/pb/ops.ts';
import { bridgeSolve, type FrontendPlace, inPlaceOfFrontend } from './frontend.ts';
import type { ControlRpc } from './rpc.ts';

export interface HttpFileRequest extends FrontendPlace {
  url: string;
  /** Bytes; of a larger file the rest is left out. */
  limit: number;
}

const FilePath = 'file';

/** Has BuildKit fetch a file of the web, where it is and with what it has fetched before, and reads it. */
export async function readHttpFile(rpc: ControlRpc, { url, limit, ...place }: HttpFileRequest): Promise<Uint8Array> {
  const request = { Definition: httpSource(url, `[internal] load ${url}`) };
  const { Data } = await inPlaceOfFrontend(rpc, place, async (bridge) => {
    const { result } = await bridgeSolve(bridge, request);
    const message = { Ref: result?.ref?.id ?? '', FilePath, Range: { Offset: 0, Length: limit } };
    return rpc.call('ReadFile', ReadFileRequest, message, ReadFileResponse, bridge.options);
  });
  return Data;
}

/** The graph of one source. */
function httpSource(identifier: string, name: string): Definition {
  const source = Op.encode({ inputs: [], source: { identifier, attrs: { 'http.filename': FilePath } } }).finish();
  const digest = `sha256:${createHash('sha256').update(source).digest('hex')}`;
  const result = Op.encode({ inputs: [{ digest, index: 0 }] }).finish();
  return { def: [source, result], metadata: { [digest]: { description: { 'llb.customname': name } } } };
}
