import { ApplyRequest, ApplyResponse, DiffRequest, DiffResponse } from '../gen/containerd/services/diff/v1/diff.ts';
import { Descriptor } from '../gen/containerd/types/descriptor.ts';
import type { Mount } from '../gen/containerd/types/mount.ts';
import { complete } from './messages.ts';
import type { Rpc } from './rpc.ts';

export type { Descriptor };

export interface Diff {
  /** Unpacks a layer of the content store onto the mounts; returns the descriptor of the uncompressed tar (the DiffID). */
  apply(layer: Partial<Descriptor> & { digest: string }, mounts: Mount[]): Promise<Descriptor>;
  /** Writes the changes from `left` to `right` into the content store. */
  compare(left: Mount[], right: Mount[], options?: DiffOptions): Promise<Descriptor>;
}

export interface DiffOptions {
  mediaType?: string;
  ref?: string;
  labels?: Record<string, string>;
}

const SERVICE = 'containerd.services.diff.v1.Diff';

export function diffService(rpc: Rpc): Diff {
  return {
    async apply(layer, mounts) {
      const request = { diff: complete(Descriptor, layer), mounts };
      return (await rpc.call(`${SERVICE}/Apply`, ApplyRequest, request, ApplyResponse)).applied!;
    },
    async compare(left, right, { mediaType = '', ref = '', labels = {} } = {}) {
      const request = { left, right, mediaType, ref, labels };
      return (await rpc.call(`${SERVICE}/Diff`, DiffRequest, request, DiffResponse)).diff!;
    },
  };
}
