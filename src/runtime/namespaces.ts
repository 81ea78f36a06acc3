import {
  CreateNamespaceRequest,
  CreateNamespaceResponse,
  GetNamespaceRequest,
  GetNamespaceResponse,
  ListNamespacesRequest,
  ListNamespacesResponse,
  type Namespace,
} from '../gen/containerd/services/namespaces/v1/namespace.ts';
import type { Rpc } from './rpc.ts';

export type { Namespace };

export interface Namespaces {
  list(): Promise<Namespace[]>;
  create(name: string, labels?: Record<string, string>): Promise<Namespace>;
  get(name: string): Promise<Namespace>;
}

const SERVICE = 'containerd.services.namespaces.v1.Namespaces';

export function namespacesService(rpc: Rpc): Namespaces {
  return {
    async list() {
      const reply = await rpc.call(`${SERVICE}/List`, ListNamespacesRequest, { filter: '' }, ListNamespacesResponse);
      return reply.namespaces;
    },
    async create(name, labels = {}) {
      const request = { namespace: { name, labels } };
      const reply = await rpc.call(`${SERVICE}/Create`, CreateNamespaceRequest, request, CreateNamespaceResponse);
      return reply.namespace!;
    },
    async get(name) {
      return (await rpc.call(`${SERVICE}/Get`, GetNamespaceRequest, { name }, GetNamespaceResponse)).namespace!;
    },
  };
}
