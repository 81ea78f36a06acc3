import {
  Container,
  CreateContainerRequest,
  CreateContainerResponse,
  DeleteContainerRequest,
  GetContainerRequest,
  GetContainerResponse,
  ListContainerMessage,
  ListContainersRequest,
  UpdateContainerRequest,
  UpdateContainerResponse,
} from '../gen/containerd/services/containers/v1/containers.ts';
import { complete } from './messages.ts';
import { Empty, type Rpc } from './rpc.ts';

export type { Container };

export type ContainerInit = Partial<Container> & { id: string };

export interface Containers {
  get(id: string): Promise<Container>;
  /** Any number of records. Filters are containerd's (`labels."a/b"==c`, `id~=^ab`); a record matches if one does. */
  list(filters?: string[]): Promise<Container[]>;
  create(container: ContainerInit): Promise<Container>;
  /** @param paths the fields to change, as in `labels.nerdctl/name`; others stay */
  update(container: ContainerInit, paths: string[]): Promise<Container>;
  delete(id: string): Promise<void>;
}

const SERVICE = 'containerd.services.containers.v1.Containers';

export function containersService(rpc: Rpc): Containers {
  return {
    async get(id) {
      const reply = await rpc.call(`${SERVICE}/Get`, GetContainerRequest, { id }, GetContainerResponse);
      return reply.container!;
    },
    async list(filters = []) {
      // Not List: its one reply has a size limit in the server.
      const found: Container[] = [];
      const request = { filters };
      for await (const message of rpc.serverStream(
        `${SERVICE}/ListStream`,
        ListContainersRequest,
        request,
        ListContainerMessage,
      )) {
        if (message.container) found.push(message.container);
      }
      return found;
    },
    async create(init) {
      const request = { container: complete(Container, init) };
      const reply = await rpc.call(`${SERVICE}/Create`, CreateContainerRequest, request, CreateContainerResponse);
      return reply.container!;
    },
    async update(init, paths) {
      const request = { container: complete(Container, init), updateMask: paths };
      const reply = await rpc.call(`${SERVICE}/Update`, UpdateContainerRequest, request, UpdateContainerResponse);
      return reply.container!;
    },
    delete: (id) => rpc.call(`${SERVICE}/Delete`, DeleteContainerRequest, { id }, Empty),
  };
}
