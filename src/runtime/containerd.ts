import { createChannel } from '../grpc/channel.ts';
import { dialUnix } from '../grpc/dial.ts';
import { type Containers, containersService } from './containers.ts';
import { type Content, contentService } from './content.ts';
import { type Diff, diffService } from './diff.ts';
import { type Events, eventsService } from './events.ts';
import { type Images, imagesService } from './images.ts';
import { type Introspection, introspectionService } from './introspection.ts';
import { type Leases, leasesService } from './leases.ts';
import { type Namespaces, namespacesService } from './namespaces.ts';
import { type RpcContext, rpcOver } from './rpc.ts';
import { type Snapshots, snapshotsService } from './snapshots.ts';
import { type Tasks, tasksService } from './tasks.ts';
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
  const channel = createChannel(dialUnix(address));
  return view({ channel, address, namespace: options.namespace, signal: options.signal });
}

function view(context: RpcContext): Containerd {
  const rpc = rpcOver(context);
  return {
    namespace: context.namespace,
    withNamespace: (namespace) => view({ ...context, namespace }),
    withLease: (lease) => view({ ...context, lease }),
    withSignal: (signal) => view({ ...context, signal }),
    containers: containersService(rpc),
    tasks: tasksService(rpc),
    images: imagesService(rpc),
    content: contentService(rpc),
    snapshots: (snapshotter) => snapshotsService(rpc, snapshotter),
    diff: diffService(rpc),
    leases: leasesService(rpc),
    namespaces: namespacesService(rpc),
    events: eventsService(rpc),
    version: () => readVersion(rpc),
    introspection: introspectionService(rpc),
    close: () => context.channel.close(),
  };
}
