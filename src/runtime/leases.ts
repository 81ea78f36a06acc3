import { randomBytes } from 'node:crypto';
import {
  AddResourceRequest,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  type Lease,
  ListRequest,
  ListResponse,
} from '../gen/containerd/services/leases/v1/leases.ts';
import { Empty, type Rpc } from './rpc.ts';

export type { Lease };

export interface Leases {
  /** The garbage collector drops the lease at `expire`, whoever was killed in between. Returns the ID. */
  create(options?: { id?: string; expire?: Date; labels?: Record<string, string> }): Promise<string>;
  /** `sync` waits for the garbage collector. */
  delete(id: string, options?: { sync?: boolean }): Promise<void>;
  /** @param type `content`, `ingests` or `snapshots/<snapshotter>` */
  addResource(leaseId: string, resource: { id: string; type: string }): Promise<void>;
  list(filters?: string[]): Promise<Lease[]>;
}

const SERVICE = 'containerd.services.leases.v1.Leases';

export function leasesService(rpc: Rpc): Leases {
  return {
    async create({ id = `nerdctl-${randomBytes(8).toString('hex')}`, expire, labels = {} } = {}) {
      const all = expire ? { ...labels, 'containerd.io/gc.expire': expire.toISOString() } : labels;
      const reply = await rpc.call(`${SERVICE}/Create`, CreateRequest, { id, labels: all }, CreateResponse);
      return reply.lease!.id;
    },
    delete: (id, { sync = false } = {}) => rpc.call(`${SERVICE}/Delete`, DeleteRequest, { id, sync }, Empty),
    addResource: (id, resource) => rpc.call(`${SERVICE}/AddResource`, AddResourceRequest, { id, resource }, Empty),
    async list(filters = []) {
      return (await rpc.call(`${SERVICE}/List`, ListRequest, { filters }, ListResponse)).leases;
    },
  };
}
