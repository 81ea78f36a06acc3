import {
  CommitSnapshotRequest,
  Info,
  Kind,
  ListSnapshotsRequest,
  ListSnapshotsResponse,
  MountsRequest,
  MountsResponse,
  PrepareSnapshotRequest,
  PrepareSnapshotResponse,
  RemoveSnapshotRequest,
  StatSnapshotRequest,
  StatSnapshotResponse,
  UpdateSnapshotRequest,
  UpdateSnapshotResponse,
  UsageRequest,
  UsageResponse,
  ViewSnapshotRequest,
  ViewSnapshotResponse,
} from '../gen/containerd/services/snapshots/v1/snapshots.ts';
import type { Mount } from '../gen/containerd/types/mount.ts';
import { complete } from './messages.ts';
import { Empty, type Rpc } from './rpc.ts';

export type { Info as SnapshotInfo, Mount };
export { Kind as SnapshotKind };

type Labels = Record<string, string>;

export interface Snapshots {
  /** A writable snapshot; `parent` is the name of a committed one, or empty. */
  prepare(key: string, parent: string, labels?: Labels): Promise<Mount[]>;
  /** A read-only one. */
  view(key: string, parent: string, labels?: Labels): Promise<Mount[]>;
  mounts(key: string): Promise<Mount[]>;
  /** Makes the active snapshot `key` the committed snapshot `name`. */
  commit(name: string, key: string, labels?: Labels): Promise<void>;
  remove(key: string): Promise<void>;
  stat(key: string): Promise<Info>;
  /** @param paths the fields to change, as in `labels.containerd.io/gc.root` */
  update(info: Partial<Info> & { name: string }, paths: string[]): Promise<Info>;
  list(filters?: string[]): Promise<Info[]>;
  /** Of this snapshot alone, without its parents, in bytes. */
  usage(key: string): Promise<{ size: number; inodes: number }>;
}

const SERVICE = 'containerd.services.snapshots.v1.Snapshots';

export function snapshotsService(rpc: Rpc, snapshotter: string): Snapshots {
  return {
    async prepare(key, parent, labels = {}) {
      const request = { snapshotter, key, parent, labels };
      return (await rpc.call(`${SERVICE}/Prepare`, PrepareSnapshotRequest, request, PrepareSnapshotResponse)).mounts;
    },
    async view(key, parent, labels = {}) {
      const request = { snapshotter, key, parent, labels };
      return (await rpc.call(`${SERVICE}/View`, ViewSnapshotRequest, request, ViewSnapshotResponse)).mounts;
    },
    async mounts(key) {
      return (await rpc.call(`${SERVICE}/Mounts`, MountsRequest, { snapshotter, key }, MountsResponse)).mounts;
    },
    commit: (name, key, labels = {}) =>
      rpc.call(`${SERVICE}/Commit`, CommitSnapshotRequest, { snapshotter, name, key, labels }, Empty),
    remove: (key) => rpc.call(`${SERVICE}/Remove`, RemoveSnapshotRequest, { snapshotter, key }, Empty),
    async stat(key) {
      return (await rpc.call(`${SERVICE}/Stat`, StatSnapshotRequest, { snapshotter, key }, StatSnapshotResponse)).info!;
    },
    async update(info, paths) {
      const request = { snapshotter, info: complete(Info, info), updateMask: paths };
      return (await rpc.call(`${SERVICE}/Update`, UpdateSnapshotRequest, request, UpdateSnapshotResponse)).info!;
    },
    async list(filters = []) {
      const found: Info[] = [];
      const request = { snapshotter, filters };
      const replies = rpc.serverStream(`${SERVICE}/List`, ListSnapshotsRequest, request, ListSnapshotsResponse);
      for await (const reply of replies) for (const info of reply.info) found.push(info);
      return found;
    },
    usage: (key) => rpc.call(`${SERVICE}/Usage`, UsageRequest, { snapshotter, key }, UsageResponse),
  };
}
