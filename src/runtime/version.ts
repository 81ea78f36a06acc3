import { VersionResponse } from '../gen/containerd/services/version/v1/version.ts';
import { Empty, type Rpc } from './rpc.ts';

export type Version = VersionResponse;

/** containerd's own version and git revision. */
export function readVersion(rpc: Rpc): Promise<Version> {
  return rpc.call('containerd.services.version.v1.Version/Version', Empty, undefined, VersionResponse);
}
