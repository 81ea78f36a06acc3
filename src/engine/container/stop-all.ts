import type { Engine } from '../engine.ts';
import { inNamespace } from '../in-namespace.ts';
import { isManaged, nameOf } from './container-dir.ts';
import { stopRunning } from './stop.ts';
import { abandonTask, findTask, isAlive, killTask } from './task.ts';

export interface Stopped {
  namespace: string;
  name: string;
  error?: unknown;
}

/** Seconds for the containers of other programs, which have no stop timeout that we know of. */
const othersTimeout = 10;

/**
 * Stops every container as docker's daemon does when it ends: its stop signal, SIGKILL after its time, and no mark that
 * it was stopped on purpose, so that its restart policy brings it back.
 * @param timeout seconds, instead of each container's own
 * @param others also of containers that no docker-like tool has made
 */
export async function stopAll(engine: Engine, timeout?: number, { others = true } = {}): Promise<Stopped[]> {
  const namespaces = await engine.containerd.namespaces.list();
  const each = namespaces.map(({ name }) => stopNamespace(inNamespace(engine, name), timeout, others));
  return (await Promise.all(each)).flat();
}

async function stopNamespace(engine: Engine, timeout: number | undefined, others: boolean): Promise<Stopped[]> {
  const { namespace } = engine.settings;
  const [containers, tasks] = await Promise.all([engine.containerd.containers.list(), engine.containerd.tasks.list()]);
  const stopped = tasks.map(async (task): Promise<Stopped | undefined> => {
    const id = task.id || task.containerId;
    const container = containers.find((candidate) => candidate.id === id);
    const ours = container !== undefined && isManaged(container);
    if (!ours && !others) return undefined;
    const name = container ? nameOf(container) : id;
    try {
      if (ours) await stopRunning(engine, container, { timeout, notOnPurpose: true });
      else await stopForeign(engine, id, timeout ?? othersTimeout);
      return { namespace, name };
    } catch (error) {
      return { namespace, name, error };
    }
  });
  return (await Promise.all(stopped)).filter((each) => each !== undefined);
}

async function stopForeign(engine: Engine, id: string, seconds: number): Promise<void> {
  if (isAlive(await findTask(engine, id))) {
    const exited = engine.containerd.withSignal(AbortSignal.timeout(seconds * 1000)).tasks.wait(id);
    exited.catch(() => {});
    await killTask(engine, id, 15);
    await exited.catch(() => {});
  }
  await abandonTask(engine, id);
}
