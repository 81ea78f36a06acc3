import type { Containerd } from '../../runtime/containerd.ts';
import type { Container } from '../../runtime/containers.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import { label } from '../container/labels.ts';

export interface ContainerUse {
  id: string;
  running: boolean;
  /** Containers of Go nerdctl say only the name of their image. */
  imageId: string | undefined;
  imageName: string;
}

/** Which images the containers of the namespace were made from: two calls, at the same time. */
export async function containerUses(c: Containerd): Promise<ContainerUse[]> {
  const [containers, tasks] = await Promise.all([c.containers.list(), c.tasks.list()]);
  const running = new Set(tasks.filter(({ status }) => status !== TaskStatus.STOPPED).map(({ id }) => id));
  return containers.map((container: Container) => ({
    id: container.id,
    running: running.has(container.id),
    imageId: container.labels[label.imageId],
    imageName: container.image,
  }));
}

export function usesImage(use: ContainerUse, imageId: string, names: readonly string[]): boolean {
  return use.imageId === undefined ? names.includes(use.imageName) : use.imageId === imageId;
}
