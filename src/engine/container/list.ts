import type { Container } from '../../runtime/containers.ts';
import type { Process } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { healOperations } from './heal.ts';
import { type ContainerState, containerState, readLifecycle } from './state.ts';

/** A container record with docker's view of its state. */
export interface ListedContainer {
  container: Container;
  state: ContainerState;
}

/** All containers of the namespace, newest first. Two RPCs. */
export async function listContainers(engine: Engine): Promise<ListedContainer[]> {
  await healOperations(engine);
  const [containers, tasks] = await Promise.all([engine.containerd.containers.list(), engine.containerd.tasks.list()]);
  const byId = new Map<string, Process>(tasks.map((task) => [task.id || task.containerId, task]));
  return containers
    .map((container) => ({
      container,
      state: containerState(container.labels, byId.get(container.id), () =>
        readLifecycle(stateDirOf(engine, container)),
      ),
    }))
    .sort((a, b) => (b.container.createdAt?.getTime() ?? 0) - (a.container.createdAt?.getTime() ?? 0));
}
