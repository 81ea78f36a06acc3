import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { notedEnd } from '../operations.ts';
import { stateDirOf } from './container-dir.ts';
import { label } from './labels.ts';
import { type ContainerState, containerState, readLifecycle, type TaskSnapshot, zeroTime } from './state.ts';
import { orUndefined } from './task.ts';

/**
 * A container's state, for whoever holds no lock of it: a run that is being put away has no task any more and no label
 * yet, and is not lost for that.
 */
export async function observeState(
  engine: Engine,
  container: Container,
  task: TaskSnapshot | undefined,
): Promise<ContainerState> {
  const { id, labels } = container;
  const lifecycle = () => readLifecycle(stateDirOf(engine, container));
  if (task || labels[label.state] || !lifecycle().started_at) {
    const state = containerState(labels, task, lifecycle);
    // In a container we may see neither the state directory nor the process.
    const unseen = state.Running && state.StartedAt === zeroTime ? container.createdAt : undefined;
    return unseen ? { ...state, StartedAt: unseen.toISOString() } : state;
  }
  // In this order: the note goes when the label is there.
  const ended = notedEnd(engine, id);
  const now = ended
    ? { ...labels, [label.state]: JSON.stringify(ended) }
    : (await orUndefined(engine.containerd.containers.get(id)))?.labels;
  return containerState(now ?? labels, task, lifecycle);
}
