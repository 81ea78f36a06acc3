import { DockerError } from '../../docker/errors.ts';
import type { Container } from '../../runtime/containers.ts';
import { connectMonitor, type MonitorConnection } from '../../runtime/io/monitor.ts';
import type { Sink } from '../../runtime/io/sink.ts';
import { type ExitStatus, TaskStatus } from '../../runtime/tasks.ts';
import { type Engine, withoutSignal } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { readDockerRecord } from './docker-record.ts';
import { label } from './labels.ts';
import { specOf } from './spec-record.ts';
import { findTask, isRunning, killTask } from './task.ts';

/** A process in a container as a terminal's session sees it: a container's first process, or an exec. */
export interface ContainerIo {
  writeStdin(chunk: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  kill(signal: number): Promise<void>;
  readonly exited: Promise<'exited' | 'lost'>;
}

/**
 * The io of a container's first process, through its monitor.
 * @param started signals wait for it: before, they would end the runtime's own process
 */
export function monitorIo(
  engine: Engine,
  id: string,
  monitor: MonitorConnection,
  started: Promise<void> = Promise.resolve(),
): ContainerIo {
  const unstoppable = withoutSignal(engine);
  const { tasks } = unstoppable.containerd;
  return {
    writeStdin: (chunk) => monitor.writeStdin(chunk),
    async closeStdin() {
      await monitor.closeStdin();
      await tasks.closeIO(id);
    },
    resize: (columns, rows) => tasks.resizePty(id, undefined, columns, rows),
    kill: async (signal) => {
      await started;
      await killTask(unstoppable, id, signal);
    },
    exited: monitor.exited,
  };
}

/** How a container was made to be attached to. */
export function stdioOf(
  engine: Engine,
  container: Container,
): { tty: boolean; openStdin: boolean; stdinOnce: boolean } {
  return {
    tty: specOf(container).process?.terminal === true,
    openStdin: container.labels[label.openStdin] === 'true',
    stdinOnce: readDockerRecord(stateDirOf(engine, container))?.Config.StdinOnce ?? false,
  };
}

export interface Attached {
  io: ContainerIo;
  exited: Promise<ExitStatus>;
  close(): void;
}

/**
 * Attaches to a running container: its output from now on goes to the sinks.
 * @throws DockerError in docker's words where it does not run, or was started without a monitor of ours
 */
export async function attachContainer(
  engine: Engine,
  container: Container,
  sinks: { stdout?: Sink; stderr?: Sink },
): Promise<Attached> {
  const { id } = container;
  const task = await findTask(engine, id);
  if (task?.status === TaskStatus.PAUSED) {
    throw new DockerError('conflict', 'You cannot attach to a paused container, unpause it first');
  }
  if (!isRunning(task)) throw new DockerError('conflict', 'You cannot attach to a stopped container, start it first');
  const exited = withoutSignal(engine).containerd.tasks.wait(id);
  exited.catch(() => {});
  const monitor = await connectMonitor(stateDirOf(engine, container), sinks).catch((cause: unknown) => {
    const text = `container ${id} was started by another program and has no output to attach to: restart it first`;
    throw new DockerError('conflict', text, { cause });
  });
  return { io: monitorIo(engine, id, monitor), exited, close: () => monitor.close() };
}
