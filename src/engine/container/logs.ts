import { DockerError } from '../../docker/errors.ts';
import { type Engine, withoutSignal } from '../engine.ts';
import { readLogs } from '../logs/logs.ts';
import type { LogSinks } from '../logs/reader.ts';
import { isManaged, stateDirOf } from './container-dir.ts';
import { findContainer } from './find.ts';
import { logPathOf, logSettingsOf } from './monitor-setup.ts';
import { findTask, isRunning, orUndefined } from './task.ts';

export interface ContainerLogOptions extends LogSinks {
  /** Nanoseconds since 1970. */
  since?: bigint;
  until?: bigint;
  timestamps?: boolean;
  tail?: number;
  /** Until the container's run ends. */
  follow?: boolean;
}

/** What a container has written, and, to follow, goes on to write. */
export async function containerLogs(engine: Engine, ref: string, options: ContainerLogOptions): Promise<void> {
  const container = await findContainer(engine, ref);
  if (!isManaged(container)) {
    const text = `the log of container ${container.id} is kept by the program that made it, not by nerdctl`;
    throw new DockerError('not-implemented', text);
  }
  if (logSettingsOf(container).driver === 'none') {
    throw new DockerError('not-implemented', 'configured logging driver does not support reading');
  }
  const path = logPathOf(container, stateDirOf(engine, container));
  const { follow, ...rest } = options;
  await readLogs(path, {
    ...rest,
    signal: engine.signal,
    ...(follow ? { follow: endOfRun(engine, container.id) } : {}),
  });
}

async function endOfRun(engine: Engine, id: string): Promise<void> {
  if (!isRunning(await findTask(engine, id))) return;
  await orUndefined(withoutSignal(engine).containerd.tasks.wait(id));
}
