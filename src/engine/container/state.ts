import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootTime, processStat } from '../../host/proc.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import { jsonLabel, label } from './labels.ts';
import { mayRestart, restartPolicyOf } from './restart-policy.ts';

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'exited';

/** The value of the `nerdctl/state` label: how the last run ended. Times are RFC3339Nano. */
export interface ExitState {
  StartedAt: string;
  FinishedAt: string;
  ExitCode: number;
  OOMKilled: boolean;
  RestartCount: number;
  Error: string;
}

/** `lifecycle.json` of the state directory: Go nerdctl's two fields and ours. */
export interface Lifecycle {
  started_at?: string;
  create_error?: boolean;
  restart_count?: number;
  /** Milliseconds to wait before a restart, should this run end quickly. */
  restart_delay?: number;
  /** By network: what it had, to be asked for again after a reboot. */
  addresses?: Record<string, { ip?: string; ip6?: string }>;
}

/** `State` of docker's container inspect, and what `ps` needs of it. */
export interface ContainerState extends ExitState {
  Status: ContainerStatus;
  Running: boolean;
  Paused: boolean;
  Restarting: boolean;
  Dead: boolean;
  Pid: number;
}

/** What containerd's task list says of a container's init process. */
export interface TaskSnapshot {
  pid: number;
  /** containerd.v1.types.Status. */
  status: number;
  exitStatus: number;
  exitedAt?: Date;
}

/** USER_HZ, which is 100 on every architecture that containerd runs on. */
const clockTicks = 100;

/** Docker's, of a run whose end nobody has seen. */
export const lostExitCode = 255;

export const zeroTime = '0001-01-01T00:00:00Z';

export function readLifecycle(stateDir: string): Lifecycle {
  const path = join(stateDir, 'lifecycle.json');
  // A list asks this of every container that never ran: an exception for each takes longer than all else.
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Lifecycle;
  } catch {
    return {};
  }
}

/**
 * Docker's view of a container's state, from what survives of it: the task while there is one, the label after.
 * `lifecycle` is only asked for where a task exists, or no end of a run is known.
 */
export function containerState(
  labels: Record<string, string>,
  task: TaskSnapshot | undefined,
  lifecycle: () => Lifecycle,
): ContainerState {
  const last = jsonLabel<ExitState>(labels, label.state);
  const base = {
    StartedAt: last?.StartedAt ?? zeroTime,
    FinishedAt: last?.FinishedAt ?? zeroTime,
    ExitCode: last?.ExitCode ?? 0,
    OOMKilled: last?.OOMKilled ?? false,
    RestartCount: last?.RestartCount ?? 0,
    Error: labels[label.error] || (last?.Error ?? ''),
  };
  if (!task || task.status === TaskStatus.CREATED) {
    const lost = last || task ? undefined : lifecycle().started_at;
    if (lost) return state({ ...base, StartedAt: lost, FinishedAt: lost, ExitCode: lostExitCode }, 'exited', 0);
    return state(base, base.StartedAt === zeroTime ? 'created' : 'exited', 0);
  }
  const { started_at, restart_count } = lifecycle();
  const StartedAt = started_at ?? processStarted(task) ?? base.StartedAt;
  const run = { ...base, StartedAt, RestartCount: restart_count ?? base.RestartCount };
  if (task.status !== TaskStatus.STOPPED) {
    const paused = task.status === TaskStatus.PAUSED || task.status === TaskStatus.PAUSING;
    return state({ ...run, ExitCode: 0, OOMKilled: false, Error: '' }, paused ? 'paused' : 'running', task.pid);
  }
  const FinishedAt = task.exitedAt?.toISOString() ?? run.FinishedAt;
  // a run that nobody noted has been, all the same
  const ended = {
    ...run,
    StartedAt: StartedAt === zeroTime ? FinishedAt : StartedAt,
    FinishedAt,
    ExitCode: task.exitStatus,
  };
  const restarting =
    labels[label.explicitlyStopped] !== 'true' &&
    mayRestart(restartPolicyOf(labels), { exitCode: task.exitStatus, restartCount: run.RestartCount });
  return state(ended, restarting ? 'restarting' : 'exited', 0);
}

/** For a container that another program has started: the kernel knows since when its process is there. */
function processStarted({ pid, status }: TaskSnapshot): string | undefined {
  const stat = status === TaskStatus.STOPPED ? undefined : processStat(pid);
  return stat && new Date(bootTime().getTime() + stat.startTime * (1000 / clockTicks)).toISOString();
}

function state(base: ExitState, status: ContainerStatus, pid: number): ContainerState {
  return {
    ...base,
    Status: status,
    // docker counts a paused and a restarting container as running
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    Dead: false,
    Pid: pid,
  };
}
