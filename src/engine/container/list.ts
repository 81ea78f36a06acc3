import type { Container } from '../../runtime/containers.ts';
import type { Process } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { healOperations } from './heal.ts';
import { observeState } from './observe.ts';
import type { ContainerState } from './state.ts';

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
  const listed = await Promise.all(
    containers.map(async (container) => ({
      container,
      state: await observeState(engine, container, byId.get(container.id)),
    })),
  );
  return listed.sort((a, b) => (b.container.createdAt?.getTime() ?? 0) - (a.container.createdAt?.getTime() ?? 0));
}
