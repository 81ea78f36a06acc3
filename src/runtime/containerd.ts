import { createChannel } from '../grpc/channel.ts';
import { dialSocket } from '../grpc/dial.ts';
import type { Containers } from './containers.ts';
import type { Content } from './content.ts';
import type { Diff } from './diff.ts';
import type { Events } from './events.ts';
import type { Images } from './images.ts';
import type { Introspection } from './introspection.ts';
import { lazyService, type Shape } from './lazy.ts';
import type { Leases } from './leases.ts';
import type { Namespaces } from './namespaces.ts';
import { type RpcContext, rpcOver } from './rpc.ts';
import type { Snapshots } from './snapshots.ts';
import type { Tasks } from './tasks.ts';
import { readVersion, type Version } from './version.ts';

/**
 * One containerd, seen in one namespace. Calls reject with an RpcError that has containerd's own status, or with a
 * DockerError of kind `unavailable` when containerd cannot be reached.
 */
export interface Containerd {
  readonly namespace: string;
  /** The same connection, another namespace. */
  withNamespace(namespace: string): Containerd;
  /** The same connection; what is created through it belongs to the lease. */
  withLease(leaseId: string): Containerd;
  /** The same connection; its calls are cancelled by the signal. `undefined` takes a signal away. */
  withSignal(signal?: AbortSignal): Containerd;
  readonly containers: Containers;
  readonly tasks: Tasks;
  readonly images: Images;
  readonly content: Content;
  snapshots(snapshotter: string): Snapshots;
  readonly diff: Diff;
  readonly leases: Leases;
  readonly namespaces: Namespaces;
  readonly events: Events;
  version(): Promise<Version>;
  readonly introspection: Introspection;
  /** Ends the connection; calls in flight reject. An idle connection does not keep the process alive. */
  close(): void;
}

export interface ConnectOptions {
  /** Path of the socket; a `unix://` before it is allowed. */
  address: string;
  namespace: string;
  signal?: AbortSignal;
}

/** Dials at the first call, and again when a call finds the connection gone. */
export function connectContainerd(options: ConnectOptions): Containerd {
  const address = options.address.replace(/^unix:\/\//, '');
  const channel = createChannel(dialSocket(address));
  return view({ channel, address, namespace: options.namespace, signal: options.signal });
}

const containersShape: Shape<Containers> = {
  get: 'call',
  list: 'call',
  create: 'call',
  update: 'call',
  delete: 'call',
};
const tasksShape: Shape<Tasks> = {
  create: 'call',
  start: 'call',
  delete: 'call',
  deleteProcess: 'call',
  get: 'call',
  list: 'call',
  kill: 'call',
  exec: 'call',
  resizePty: 'call',
  closeIO: 'call',
  pause: 'call',
  resume: 'call',
  listPids: 'call',
  metrics: 'call',
  update: 'call',
  wait: 'call',
};
const imagesShape: Shape<Images> = { get: 'call', list: 'call', create: 'call', update: 'call', delete: 'call' };
const contentShape: Shape<Content> = {
  read: 'stream',
  info: 'call',
  list: 'call',
  readAll: 'call',
  writer: 'call',
  status: 'call',
  listStatuses: 'call',
  abort: 'call',
  delete: 'call',
  update: 'call',
};
const snapshotsShape: Shape<Snapshots> = {
  prepare: 'call',
  view: 'call',
  mounts: 'call',
  commit: 'call',
  remove: 'call',
  stat: 'call',
  update: 'call',
  list: 'call',
  usage: 'call',
};
const diffShape: Shape<Diff> = { apply: 'call', compare: 'call' };
const leasesShape: Shape<Leases> = { create: 'call', delete: 'call', addResource: 'call', list: 'call' };
const namespacesShape: Shape<Namespaces> = { list: 'call', create: 'call', get: 'call' };
const eventsShape: Shape<Events> = { subscribe: 'stream' };
const introspectionShape: Shape<Introspection> = { plugins: 'call', server: 'call' };

function view(context: RpcContext): Containerd {
  const rpc = rpcOver(context);
  return {
    namespace: context.namespace,
    withNamespace: (namespace) => view({ ...context, namespace }),
    withLease: (lease) => view({ ...context, lease }),
    withSignal: (signal) => view({ ...context, signal }),
    containers: lazyService(containersShape, async () => (await import('./containers.ts')).containersService(rpc)),
    tasks: {
      ...lazyService(tasksShape, async () => (await import('./tasks.ts')).tasksService(rpc)),
      list: async () => (await import('./task-list.ts')).listTasks(rpc),
    },
    images: lazyService(imagesShape, async () => (await import('./images.ts')).imagesService(rpc)),
    content: lazyService(contentShape, async () => (await import('./content.ts')).contentService(rpc)),
    snapshots: (snapshotter) =>
      lazyService(snapshotsShape, async () => (await import('./snapshots.ts')).snapshotsService(rpc, snapshotter)),
    diff: lazyService(diffShape, async () => (await import('./diff.ts')).diffService(rpc)),
    leases: lazyService(leasesShape, async () => (await import('./leases.ts')).leasesService(rpc)),
    namespaces: lazyService(namespacesShape, async () => (await import('./namespaces.ts')).namespacesService(rpc)),
    events: lazyService(eventsShape, async () => (await import('./events.ts')).eventsService(rpc)),
    version: () => readVersion(rpc),
    introspection: lazyService(introspectionShape, async () =>
      (await import('./introspection.ts')).introspectionService(rpc),
    ),
    close: () => context.channel.close(),
  };
}
