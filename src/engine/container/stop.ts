import { DockerError, isDockerError } from '../../docker/errors.ts';
import { signalNumber } from '../../docker/values/signals.ts';
import { isRpcError } from '../../grpc/status.ts';
import type { Container } from '../../runtime/containers.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import type { Engine } from '../engine.ts';
import { finishRun } from './exit.ts';
import { findContainer } from './find.ts';
import { label } from './labels.ts';
import { ownExit } from './own-exit.ts';
import { findTask, isAlive, killTask } from './task.ts';

const defaultStopTimeout = 10;

export interface StopOptions {
  /** Seconds before SIGKILL; negative waits for ever. The container's own, or docker's 10, unless given. */
  timeout?: number;
  /** Name or number; the container's own unless given. */
  signal?: string;
  /** Do not remove a container that was made with --rm: it is about to be started again. */
  keepContainer?: boolean;
  /** The machine goes down: what comes back at boot is not to look as if it had been stopped on purpose. */
  notOnPurpose?: boolean;
}

/** Stops a container as docker does: its stop signal, then SIGKILL. One that does not run is left alone. */
export async function stopContainer(engine: Engine, ref: string, options: StopOptions = {}): Promise<void> {
  const container = await findContainer(engine, ref);
  await stopRunning(engine, container, options);
}

/** Returns once the run is finished: task deleted, network released. */
export async function stopRunning(engine: Engine, container: Container, options: StopOptions): Promise<void> {
  const signal = stopSignalOf(container, options.signal);
  const mark = async () => {
    if (!options.notOnPurpose) await markExplicitlyStopped(engine, container);
  };
  const task = await findTask(engine, container.id);
  if (!isAlive(task)) {
    await mark();
    await finishRun(engine, container, { keepContainer: options.keepContainer });
    return;
  }
  const timeout = options.timeout ?? (Number(container.labels[label.stopTimeout] || Number.NaN) || defaultStopTimeout);
  await ownExit(engine, container, async () => {
    await mark();
    const exited = engine.containerd.tasks.wait(container.id);
    exited.catch(() => {});
    await killTask(engine, container.id, signal);
    if (task.status === TaskStatus.PAUSED) await thaw(engine, container);
    if (!(await settlesWithin(exited, timeout))) await killTask(engine, container.id, 9);
    await exited;
    await finishRun(engine, container, { keepContainer: options.keepContainer });
  });
}

/** Sends one signal; docker's `kill`. */
export async function killContainer(engine: Engine, ref: string, signalName: string): Promise<void> {
  const signal = signalNumber(signalName);
  const container = await findContainer(engine, ref).catch((error: unknown) => {
    if (!isDockerError(error, 'not-found')) throw error;
    throw new DockerError('not-found', `cannot kill container: ${ref}: ${error.message}`);
  });
  const task = await findTask(engine, container.id);
  if (!isAlive(task)) {
    throw new DockerError('conflict', `cannot kill container: ${ref}: container ${container.id} is not running`);
  }
  const stops = signal === 9 || signal === stopSignalOf(container);
  if (!stops) return killTask(engine, container.id, signal);
  if (signal !== 9) {
    await markExplicitlyStopped(engine, container);
    return killTask(engine, container.id, signal);
  }
  await ownExit(engine, container, async () => {
    await markExplicitlyStopped(engine, container);
    const exited = engine.containerd.tasks.wait(container.id);
    exited.catch(() => {});
    await killTask(engine, container.id, signal);
    if (task.status === TaskStatus.PAUSED) await thaw(engine, container);
    await exited;
    await finishRun(engine, container);
  });
}

/** A frozen process takes its signal when it is thawed; SIGKILL may have ended it before. */
async function thaw(engine: Engine, container: Container): Promise<void> {
  try {
    await engine.containerd.tasks.resume(container.id);
  } catch (error) {
    // runc knows it before the shim does
    if (isRpcError(error) && /stopped container/.test(error.details)) return;
    if (isAlive(await findTask(engine, container.id))) throw error;
  }
}

/**
 * A container that was stopped on purpose is not restarted, neither now nor after a reboot (unless-stopped), nor by
 * containerd's monitor, to which Go nerdctl leaves its containers.
 */
async function markExplicitlyStopped(engine: Engine, container: Container): Promise<void> {
  const { labels } = container;
  const marks: Record<string, string> = {};
  if (labels[label.restartPolicy] && labels[label.explicitlyStopped] !== 'true')
    marks[label.explicitlyStopped] = 'true';
  if (labels[label.restartStatus]) marks[label.restartStatus] = '';
  const keys = Object.keys(marks);
  if (keys.length === 0) return;
  Object.assign(labels, marks);
  await engine.containerd.containers.update(
    { id: container.id, labels: marks },
    keys.map((key) => `labels.${key}`),
  );
}

function stopSignalOf(container: Container, asked?: string): number {
  return signalNumber(asked || container.labels[label.stopSignal] || 'SIGTERM');
}

/** False after `seconds`; never, where they are negative. */
async function settlesWithin(promise: Promise<unknown>, seconds: number): Promise<boolean> {
  if (seconds < 0) return promise.then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  try {
    return await Promise.race([promise.then(() => true), expired]);
  } finally {
    clearTimeout(timer);
  }
}
