import { zeroTime } from '../values/time.ts';
import { fill } from './fill.ts';

/** `State.Health`. */
export interface HealthView {
  Status: string;
  FailingStreak: number;
  Log: { Start: string; End: string; ExitCode: number; Output: string }[] | null;
}

/** `State` of a container. Times are RFC 3339 with nanoseconds, `0001-01-01T00:00:00Z` for never. */
export interface ContainerState {
  /** created, running, paused, restarting, removing, exited, dead. */
  Status: string;
  Running: boolean;
  Paused: boolean;
  Restarting: boolean;
  OOMKilled: boolean;
  Dead: boolean;
  Pid: number;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
  Health?: HealthView;
}

export function containerState(given: Partial<ContainerState> = {}): ContainerState {
  const zero: ContainerState = {
    Status: 'created',
    Running: false,
    Paused: false,
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: 0,
    ExitCode: 0,
    Error: '',
    StartedAt: zeroTime,
    FinishedAt: zeroTime,
    Health: undefined,
  };
  return fill({ name: '*container.State' }, zero, given);
}
