import { humanDuration } from '../values/durations.ts';
import { zeroTime } from '../values/time.ts';

/** What the STATUS column tells, from `State` of inspect. */
export interface StatusFacts {
  Running: boolean;
  Paused?: boolean;
  Restarting?: boolean;
  Dead?: boolean;
  ExitCode: number;
  /** RFC 3339, `0001-01-01T00:00:00Z` for never. */
  StartedAt: string;
  FinishedAt: string;
  Health?: { Status: string } | null;
}

/** `State.Status`: created, running, paused, restarting, exited, dead. */
export function statusName(state: StatusFacts): string {
  if (state.Running) return state.Paused ? 'paused' : state.Restarting ? 'restarting' : 'running';
  if (state.Dead) return 'dead';
  return state.StartedAt === zeroTime || state.StartedAt === '' ? 'created' : 'exited';
}

/** `Up 3 minutes (Paused)`, `Exited (137) 2 hours ago`, `Restarting (1) 3 seconds ago`, `Created`. @param now milliseconds */
export function statusText(state: StatusFacts, now: number): string {
  const since = (time: string): string => humanDuration(now - Date.parse(time));
  if (state.Running) {
    if (state.Paused) return `Up ${since(state.StartedAt)} (Paused)`;
    if (state.Restarting) return `Restarting (${state.ExitCode}) ${since(state.FinishedAt)} ago`;
    const health = healthText(state.Health);
    return `Up ${since(state.StartedAt)}${health === '' ? '' : ` (${health})`}`;
  }
  const name = statusName(state);
  if (name === 'dead') return 'Dead';
  if (name === 'created') return 'Created';
  return state.FinishedAt === zeroTime || state.FinishedAt === ''
    ? ''
    : `Exited (${state.ExitCode}) ${since(state.FinishedAt)} ago`;
}

function healthText(health: StatusFacts['Health']): string {
  if (!health || health.Status === '' || health.Status === 'none') return '';
  return health.Status === 'starting' ? 'health: starting' : health.Status;
}
