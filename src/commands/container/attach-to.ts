import { type Cli, StatusError } from '../../cli/command.ts';
import { DockerError } from '../../docker/errors.ts';
import { monitorIo } from '../../engine/container/attach.ts';
import { stateDirOf } from '../../engine/container/container-dir.ts';
import { readDockerRecord } from '../../engine/container/docker-record.ts';
import { label } from '../../engine/container/labels.ts';
import { specOf } from '../../engine/container/spec-record.ts';
import { findTask, isRunning } from '../../engine/container/task.ts';
import { withoutSignal } from '../../engine/engine.ts';
import type { Container } from '../../runtime/containers.ts';
import { connectMonitor } from '../../runtime/io/monitor.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import { checkTty, openSession } from './session.ts';

export interface AttachFlags {
  readonly 'detach-keys': string;
  readonly stdin: boolean;
  readonly sigProxy: boolean;
}

/** Attaches this terminal to a running container until it exits or the user detaches; the exit code is its own. */
export async function attachToContainer(cli: Cli, container: Container, flags: AttachFlags): Promise<number> {
  const engine = await cli.engine();
  const task = await findTask(engine, container.id);
  if (task?.status === TaskStatus.PAUSED) {
    throw new StatusError(1, 'cannot attach to a paused container, unpause it first');
  }
  if (!isRunning(task)) throw new StatusError(1, 'cannot attach to a stopped container, start it first');
  const tty = specOf(container).process.terminal === true;
  const stdin = flags.stdin && container.labels[label.openStdin] === 'true';
  checkTty(cli, { tty, stdin });
  const stateDir = stateDirOf(engine, container);
  const exited = withoutSignal(engine).containerd.tasks.wait(container.id);
  exited.catch(() => {});
  const monitor = await connectMonitor(stateDir, { stdout: cli.stdout, stderr: cli.stderr }).catch((cause: unknown) => {
    throw new DockerError(
      'conflict',
      `container ${container.id} was started by another program and has no output to attach to: restart it first`,
      { cause },
    );
  });
  const session = openSession(cli, monitorIo(engine, container.id, monitor), {
    tty,
    stdin,
    stdinOnce: readDockerRecord(stateDir)?.Config.StdinOnce ?? false,
    detachKeys: flags['detach-keys'],
    sigProxy: flags.sigProxy,
  });
  try {
    if ((await session.ended) === 'detached') {
      session.close();
      // docker's client ends with this sentence and 1
      throw new StatusError(1, 'read escape sequence');
    }
    return (await exited).exitStatus;
  } finally {
    session.close();
    monitor.close();
  }
}
