import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { writeFileAtomic } from '../../host/files.ts';
import type { Container } from '../../runtime/containers.ts';
import { endMonitor, removeStdio, type StdioPlan } from '../../runtime/io/container-stdio.ts';
import { connectMonitor, type MonitorConnection } from '../../runtime/io/monitor.ts';
import type { Sink } from '../../runtime/io/sink.ts';
import { type ExitStatus, TaskStatus } from '../../runtime/tasks.ts';
import { type Engine, forUndo, gently, withoutSignal } from '../engine.ts';
import { remakeBindSources } from '../mounts/bind.ts';
import { detachNetworks } from '../network/detach.ts';
import { beginOperation, endOperation } from '../operations.ts';
import { type Plan, runPlan } from '../steps.ts';
import { adoptContainer } from './adopt.ts';
import { nameOf, stateDirOf, withContainerLock } from './container-dir.ts';
import type { FreshContainer } from './create.ts';
import { readDockerRecord } from './docker-record.ts';
import { endRun, writeExitState } from './exit.ts';
import { jsonLabel, label } from './labels.ts';
import { setUpMonitor } from './monitor-setup.ts';
import { currentAddresses, joinNetwork, makeNetns, networkPlanOf } from './network.ts';
import { refreshNamespaces } from './refresh-spec.ts';
import { restartBackoff } from './restart-policy.ts';
import { specOf } from './spec-record.ts';
import { startFailure } from './start-failure.ts';
import { type ExitState, type Lifecycle, readLifecycle, zeroTime } from './state.ts';
import { abandonTask, findTask, isRunning } from './task.ts';

export interface StartOptions {
  /** Of a container that was made just now: it has no task then, and needs no look. */
  fresh?: FreshContainer;
  /** Where the output goes, from the first byte; nothing is attached without. */
  stdout?: Sink;
  stderr?: Sink;
  /** The caller promises to see to the exit. */
  owner?: boolean;
  /** Wait for the exit: asked for before the start, so that none is missed. */
  wait?: boolean;
  restart?: { count: number; delay: number };
  /** With the addresses of the last run, where they are free. */
  sameAddresses?: boolean;
  /** Called with the task made and not started: the time to set a terminal's size and to attach stdin. */
  beforeStart?(run: Run): Promise<void> | void;
}

/** A container's run as the process that started it sees it. */
export interface Run {
  container: Container;
  pid: number;
  monitor: MonitorConnection;
  /** Resolves once the container's process runs. */
  started: Promise<void>;
  /** Only with `wait`. */
  exited?: Promise<ExitStatus>;
}

/**
 * Starts a container. Undefined where it runs already.
 * @throws DockerError with the runtime's sentence; the container is then as it was before, its error noted
 */
export async function startContainer(
  engine: Engine,
  container: Container,
  options: StartOptions = {},
): Promise<Run | undefined> {
  const stateDir = stateDirOf(engine, container);
  return withContainerLock(engine, container, async () => {
    if (!options.fresh && !(await isStartable(engine, container))) return undefined;
    try {
      return await startTask(engine, container, stateDir, options);
    } catch (error) {
      if (engine.signal.aborted) throw engine.signal.reason;
      const failure = startFailure(error, engine);
      await noteFailure(forUndo(engine), container, failure).catch(() => {});
      throw failure.error;
    }
  });
}

/** Clears what an earlier run has left. False where the container runs. */
async function isStartable(engine: Engine, container: Container): Promise<boolean> {
  const task = await findTask(engine, container.id);
  if (!task) return true;
  if (task.status === TaskStatus.PAUSED || task.status === TaskStatus.PAUSING) {
    throw new DockerError('conflict', 'cannot start a paused container, try unpause instead');
  }
  if (task.status === TaskStatus.STOPPED) await endRun(engine, container, task);
  else if (isRunning(task)) return false;
  else await Promise.all([abandonTask(engine, container.id), detachNetworks(engine, container)]);
  return true;
}

async function startTask(engine: Engine, original: Container, stateDir: string, options: StartOptions): Promise<Run> {
  const { id } = original;
  const container = await adoptContainer(engine, original, stateDir);
  const unstoppable = withoutSignal(engine);
  const { tasks } = gently(engine).containerd;
  const earlier = readLifecycle(stateDir);
  const lifecycle: Lifecycle = {
    restart_count: options.restart?.count ?? 0,
    restart_delay: options.restart?.delay ?? restartBackoff.first,
  };
  let rootfs = options.fresh?.rootfs ?? [];
  const network = networkPlanOf(engine, container);
  let stdio: StdioPlan | undefined;
  let run!: Run;
  let nowStarted!: () => void;
  const started = new Promise<void>((resolve) => {
    nowStarted = resolve;
  });
  const plan: Plan = [
    [
      {
        name: 'note the operation',
        isJournal: true,
        run: () => beginOperation(engine, { id, kind: 'start', name: nameOf(container) }),
        undo: () => endOperation(engine, id),
      },
      {
        name: 'answer for the networks',
        run: async () => {},
        undo: async () => {
          await options.fresh?.joined?.catch(() => {});
          await detachNetworks(forUndo(engine), container);
        },
      },
    ],
    [
      { name: 'make the network namespace', run: () => makeNetns(engine, id, network) },
      {
        name: 'join the namespaces of other containers',
        run: async () => {
          if (!options.fresh) await refreshNamespaces(engine, container, stateDir, network);
        },
      },
      {
        name: 'make missing sources of binds',
        run: async () => {
          if (!options.fresh) await remakeBindSources(readDockerRecord(stateDir)?.HostConfig.Binds);
        },
      },
      {
        name: 'prepare the monitor',
        run: async () => {
          const { terminal = false } = specOf(container).process;
          const openStdin = container.labels[label.openStdin] === 'true';
          const wish = { tty: terminal, openStdin, restartDelay: lifecycle.restart_delay ?? 0 };
          stdio = await setUpMonitor(engine, container, stateDir, wish);
        },
        undo: async () => {
          if (stdio?.monitor === 'fifo') await endMonitor(stateDir);
          if (stdio) await removeStdio(stdio);
        },
      },
      {
        name: 'find the root filesystem',
        run: async () => {
          if (rootfs.length > 0) return;
          rootfs = await engine.containerd.snapshots(container.snapshotter).mounts(container.snapshotKey || id);
        },
      },
    ],
    [
      {
        name: 'create the task',
        run: async () => {
          const { terminal, stdin, stdout, stderr } = stdio!;
          const io = { terminal, stdin, stdout, stderr };
          const { pid } = await tasks.create({ containerId: id, rootfs, ...io });
          run = { container, pid, monitor: undefined as never, started };
        },
        undo: () => abandonTask(forUndo(engine), id),
      },
      {
        name: 'join the networks',
        run: () =>
          options.fresh?.joined ??
          joinNetwork(engine, container, network, options.sameAddresses ? earlier.addresses : undefined),
      },
    ],
    {
      name: 'start the task',
      run: async () => {
        const { stdout, stderr, owner } = options;
        run.monitor = await connectMonitor(stateDir, { stdout, stderr, owner });
        await run.monitor.sendPid(run.pid);
        if (options.wait) {
          // not cancelled by signals: those are the container's from here on
          run.exited = unstoppable.containerd.tasks.wait(id);
          run.exited.catch(() => {});
        }
        await options.beforeStart?.(run);
        lifecycle.started_at = new Date().toISOString();
        if (network.kind === 'cni') lifecycle.addresses = currentAddresses(engine, id);
        await writeLifecycle(stateDir, lifecycle);
        // One that came before the session took signals for the container: nothing runs that should get it.
        engine.signal.throwIfAborted();
        await tasks.start(id);
        nowStarted();
      },
      undo: async () => {
        run?.monitor?.done();
        // else it would look like a run whose end nobody has seen
        await writeLifecycle(stateDir, earlier);
      },
    },
  ];
  await runPlan(plan, { signal: engine.signal });
  await Promise.all([endOperation(engine, id), afterStart(unstoppable, container, run.pid)]);
  return run;
}

async function writeLifecycle(stateDir: string, lifecycle: Lifecycle): Promise<void> {
  await writeFileAtomic(join(stateDir, 'lifecycle.json'), JSON.stringify(lifecycle), 0o600);
}

/** What other programs read, and the marks of the last run that this one takes back. */
async function afterStart(engine: Engine, container: Container, pid: number): Promise<void> {
  const pidFile = container.labels[label.pidFile];
  if (pidFile) await writeFileAtomic(pidFile, String(pid));
  const stale = [label.explicitlyStopped, label.error].filter((key) => container.labels[key]);
  if (stale.length === 0) return;
  for (const key of stale) delete container.labels[key];
  const labels = Object.fromEntries(stale.map((key) => [key, key === label.explicitlyStopped ? 'false' : '']));
  await engine.containerd.containers.update(
    { id: container.id, labels },
    stale.map((key) => `labels.${key}`),
  );
}

/** Docker keeps a container that could not be started, with the exit code and the sentence. */
async function noteFailure(engine: Engine, container: Container, failure: ReturnType<typeof startFailure>) {
  const last = jsonLabel<ExitState>(container.labels, label.state);
  await writeExitState(engine, container, {
    StartedAt: last?.StartedAt ?? zeroTime,
    FinishedAt: last?.FinishedAt ?? zeroTime,
    ExitCode: failure.exitCode,
    OOMKilled: false,
    RestartCount: last?.RestartCount ?? 0,
    Error: failure.error.message,
  });
}
