import { randomBytes } from 'node:crypto';
import { DockerError } from '../../docker/errors.ts';
import type { Container } from '../../runtime/containers.ts';
import { type ExecStdio, openExecStdio } from '../../runtime/io/exec-stdio.ts';
import type { Sink } from '../../runtime/io/sink.ts';
import { allCapabilities } from '../../runtime/spec/capabilities.ts';
import type { Process as SpecProcess } from '../../runtime/spec/oci.ts';
import { mergeEnv } from '../../runtime/spec/process.ts';
import { type ExecInit, TaskStatus } from '../../runtime/tasks.ts';
import { type Engine, withoutSignal } from '../engine.ts';
import type { ContainerIo } from './attach.ts';
import { stateDirOf } from './container-dir.ts';
import { machineFacts } from './machine.ts';
import { specOf } from './spec-record.ts';
import { startFailure } from './start-failure.ts';
import { findTask, isRunning, orUndefined } from './task.ts';
import { resolveExecUser } from './user.ts';

/** The body of docker's `POST /containers/{id}/exec`. */
export interface ExecConfig {
  /** How the user called the container. */
  ref?: string;
  Cmd: string[];
  Env: string[];
  User: string;
  WorkingDir: string;
  Privileged: boolean;
  Tty: boolean;
  /** Height and width of the terminal; both or none. */
  ConsoleSize?: [number, number];
  AttachStdin: boolean;
  /** Where the output goes; without any, the process runs on by itself. */
  stdout?: Sink;
  stderr?: Sink;
  detach: boolean;
}

export interface ExecRun {
  exitCode: Promise<number>;
  /** Ends the session; the process goes on. */
  close(): Promise<void>;
}

/**
 * Runs a command in a running container.
 * @param beforeStart the time to put a terminal into raw mode and to attach stdin
 * @returns undefined for a detached one
 */
export async function execInContainer(
  engine: Engine,
  container: Container,
  config: ExecConfig,
  beforeStart?: (io: ContainerIo) => void,
): Promise<ExecRun | undefined> {
  const { id } = container;
  const { tasks } = engine.containerd;
  const task = await findTask(engine, id);
  if (task?.status === TaskStatus.PAUSED) {
    throw new DockerError('conflict', `Container ${config.ref ?? id} is paused, unpause the container before exec`);
  }
  if (!isRunning(task)) throw new DockerError('conflict', `container ${id} is not running`);
  const spec = await execProcess(engine, container, config);
  const execId = randomBytes(32).toString('hex');
  if (config.detach) {
    await startDetached(engine, id, { execId, terminal: config.Tty, stdin: '', stdout: '', stderr: '', spec });
    return undefined;
  }
  const { Tty: tty, AttachStdin: stdin, stdout, stderr } = config;
  const stdio = await openExecStdio(engine.host, stateDirOf(engine, container), { tty, stdin, stdout, stderr });
  try {
    await tasks.exec(id, { execId, terminal: tty, ...stdio.paths, spec });
    const exited = withoutSignal(engine).containerd.tasks.wait(id, execId);
    exited.catch(() => {});
    let nowStarted!: () => void;
    const started = new Promise<void>((resolve) => {
      nowStarted = resolve;
    });
    beforeStart?.(execIo(engine, id, execId, stdio, { started, exited }));
    await tasks.start(id, execId);
    nowStarted();
    return {
      exitCode: exited.then(({ exitStatus }) => exitStatus),
      close: () => finish(engine, id, execId, stdio),
    };
  } catch (error) {
    await finish(engine, id, execId, stdio);
    throw startFailure(error, engine).error;
  }
}

async function startDetached(engine: Engine, id: string, init: ExecInit): Promise<void> {
  const { tasks } = engine.containerd;
  try {
    await tasks.exec(id, init);
    await tasks.start(id, init.execId);
  } catch (error) {
    await orUndefined(withoutSignal(engine).containerd.tasks.deleteProcess(id, init.execId)).catch(() => {});
    throw startFailure(error, engine).error;
  }
}

/** The shim knows size, signals and the end of the input only of a process that has been started. */
function execIo(
  engine: Engine,
  id: string,
  execId: string,
  stdio: ExecStdio,
  { started, exited }: { started: Promise<void>; exited: Promise<unknown> },
): ContainerIo {
  const { tasks } = withoutSignal(engine).containerd;
  return {
    writeStdin: async (chunk) => stdio.input?.write(chunk),
    async closeStdin() {
      // A FIFO that nobody else has opened yet would forget what was written.
      await started;
      await stdio.input?.end();
      await tasks.closeIO(id, execId);
    },
    resize: async (columns, rows) => {
      await started;
      await tasks.resizePty(id, execId, columns, rows);
    },
    kill: async (signal) => {
      await started;
      await tasks.kill(id, signal, { execId });
    },
    exited: exited.then(async () => {
      await stdio.output;
      return 'exited' as const;
    }),
  };
}

async function finish(engine: Engine, id: string, execId: string, stdio: ExecStdio): Promise<void> {
  const { tasks } = withoutSignal(engine).containerd;
  await Promise.all([
    stdio.close(),
    // a process that still runs (the user has detached) stays
    orUndefined(tasks.deleteProcess(id, execId)).catch(() => {}),
  ]);
}

/** The container's own process with another command: its capabilities, limits and profile hold for exec, too. */
async function execProcess(engine: Engine, container: Container, config: ExecConfig): Promise<SpecProcess> {
  const { process } = specOf(container);
  const rootfs = await engine.containerd.snapshots(container.snapshotter).mounts(container.snapshotKey || container.id);
  const user = config.User ? resolveExecUser(config.User, [], rootfs) : undefined;
  const env = mergeEnv(process.env, config.Env).filter((entry) => entry.includes('='));
  const wanted: SpecProcess = {
    ...process,
    args: config.Cmd,
    terminal: config.Tty,
    consoleSize: config.ConsoleSize && { height: config.ConsoleSize[0], width: config.ConsoleSize[1] },
    cwd: config.WorkingDir || process.cwd,
    env: config.Tty && !env.some((entry) => entry.startsWith('TERM=')) ? [...env, 'TERM=xterm'] : env,
    ...(user ? { user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids } } : {}),
  };
  if (!config.Privileged) return wanted;
  const all = machineFacts(engine).capabilities.filter((name) => allCapabilities.includes(name));
  return { ...wanted, capabilities: { bounding: all, effective: all, permitted: all }, apparmorProfile: undefined };
}
