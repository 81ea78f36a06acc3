import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { ensureDir, makeDir } from '../../host/files.ts';
import type { HostLock } from '../../host/helper.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { label } from './labels.ts';

/** The state directory of a container: where its label says, else where both programs put it. */
export function stateDirOf(engine: Engine, container: Pick<Container, 'id' | 'labels'>): string {
  return container.labels[label.stateDir] || join(engine.store.containers, container.id);
}

/** The name without docker's leading slash; Kubernetes' containers are called as Go nerdctl calls them, others by ID. */
export function nameOf(container: Pick<Container, 'id' | 'labels'>): string {
  return container.labels[label.name] || kubernetesName(container.labels) || container.id;
}

/** `k8s://NAMESPACE/POD`, and `/CONTAINER` where it is not the pod's sandbox. */
function kubernetesName(labels: Record<string, string>): string | undefined {
  const pod = labels['io.kubernetes.pod.name'];
  if (!pod) return undefined;
  const container = labels['io.kubernetes.container.name'];
  return `k8s://${labels['io.kubernetes.pod.namespace'] ?? ''}/${pod}${container ? `/${container}` : ''}`;
}

/** Whether a docker-like tool made it; the runs of others (Kubernetes) are not ours to put away. */
export function isManaged(container: Pick<Container, 'labels'>): boolean {
  return Boolean(container.labels[label.stateDir] || container.labels[label.name]);
}

/** The mount point of the network namespace that is made for a container before its task. */
export function netnsPath(id: string): string {
  return `/run/netns/nerdctl-${id}`;
}

/**
 * Runs `body` while no other start, exit or removal of the container is under way.
 * @param gone runs instead, without the lock, where the container has been removed meanwhile
 * @throws DockerError `not-found` then, unless told
 */
export async function withContainerLock<T>(
  engine: Engine,
  container: Pick<Container, 'id' | 'labels'>,
  body: () => Promise<T>,
  gone: () => Promise<T> = async () => {
    throw new DockerError('not-found', `No such container: ${container.id}`);
  },
): Promise<T> {
  const path = join(stateDirOf(engine, container), 'oplock');
  for (;;) {
    const lock = await lockDir(engine, container.id, path);
    if (!lock) return gone();
    try {
      // A removal that we have waited for took the file along.
      if (existsSync(path)) return await body();
    } finally {
      await lock.release();
    }
  }
}

/** Undefined where the container does not exist: its state directory must not come back. */
async function lockDir(engine: Engine, id: string, path: string): Promise<HostLock | undefined> {
  for (;;) {
    if (!(await makeDir(path, 0o700))) {
      if (!(await isRecorded(engine, id))) return undefined;
      // Somebody else's container, or one that has lost its files.
      await ensureDir(path, 0o700);
    }
    try {
      return await engine.host.lock(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function isRecorded(engine: Engine, id: string): Promise<boolean> {
  try {
    await engine.containerd.containers.get(id);
    return true;
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return false;
    throw error;
  }
}
