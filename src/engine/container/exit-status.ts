import { setTimeout as delay } from 'node:timers/promises';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import type { ExitStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { jsonLabel, label } from './labels.ts';
import type { ExitState } from './state.ts';
import { orUndefined } from './task.ts';

/** How long a containerd that has gone may take to come back, in milliseconds. */
const patience = 10_000;
const retryInterval = 100;

/**
 * The exit status of a run that has ended, or is about to, although containerd may be restarted meanwhile.
 * @param asked Tasks.Wait, called before the start
 * @throws DockerError `unavailable` where containerd does not come back
 */
export async function exitStatusOf(engine: Engine, id: string, asked: Promise<ExitStatus>): Promise<ExitStatus> {
  const deadline = Date.now() + patience;
  for (let wait = asked; ; wait = engine.containerd.tasks.wait(id)) {
    try {
      return (await orUndefined(wait)) ?? (await recordedExit(engine, id));
    } catch (error) {
      if (!isDockerError(error, 'unavailable') || Date.now() >= deadline) throw error;
      await delay(retryInterval);
    }
  }
}

/** Where somebody else has put the run away. From 1.7 on, containerd forgets runs that end while it is not there. */
async function recordedExit(engine: Engine, id: string): Promise<ExitStatus> {
  const container = await orUndefined(engine.containerd.containers.get(id));
  const state = container && jsonLabel<ExitState>(container.labels, label.state);
  if (state) return { exitStatus: state.ExitCode };
  throw new DockerError('system', `containerd was away when container ${id} ended, and has lost its exit code`);
}
