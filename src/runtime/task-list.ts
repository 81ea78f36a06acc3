import { ListTasksRequest, ListTasksResponse } from '../gen/containerd/services/tasks/v1/tasks.ts';
import type { Process } from '../gen/containerd/types/task/task.ts';
import type { Rpc } from './rpc.ts';
import { dateOrNone } from './timestamps.ts';

/** All tasks of the namespace: what a list of containers needs of the service, and loads alone. */
export async function listTasks(rpc: Rpc): Promise<Process[]> {
  const method = 'containerd.services.tasks.v1.Tasks/List';
  const { tasks } = await rpc.call(method, ListTasksRequest, { filter: '' }, ListTasksResponse);
  return tasks.map((task) => normalised(task, task.id));
}

/** containerd leaves `containerId` empty. */
export function normalised(process: Process, containerId: string): Process {
  return { ...process, containerId: process.containerId || containerId, exitedAt: dateOrNone(process.exitedAt) };
}
