import { label } from './labels.ts';

/** `HostConfig.RestartPolicy` of the Docker API. */
export interface RestartPolicy {
  Name: string;
  /** Of `on-failure`; 0 means no limit. */
  MaximumRetryCount: number;
}

/** Docker's back-off: the first delay, doubled at each quick exit up to the last; a run of 10 s resets it. Milliseconds. */
export const restartBackoff = { first: 100, last: 60_000, resetAfter: 10_000 } as const;

/** The label's form, `on-failure:3`. */
export function formatRestartPolicy(policy: RestartPolicy): string {
  return policy.Name === 'on-failure' && policy.MaximumRetryCount > 0
    ? `on-failure:${policy.MaximumRetryCount}`
    : policy.Name;
}

export function restartPolicyOf(labels: Record<string, string>): RestartPolicy {
  const [name = '', count = '0'] = (labels[label.restartPolicy] ?? '').split(':');
  return { Name: name || 'no', MaximumRetryCount: Number(count) || 0 };
}

/** Whether docker would restart a container that ended by itself. */
export function mayRestart(policy: RestartPolicy, run: { exitCode: number; restartCount: number }): boolean {
  switch (policy.Name) {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure':
      return run.exitCode !== 0 && (policy.MaximumRetryCount === 0 || run.restartCount < policy.MaximumRetryCount);
    default:
      return false;
  }
}

/** The delay for the next quick exit, after a run of `ranFor` milliseconds that had `delay` set for it. */
export function nextRestartDelay(delay: number, ranFor: number): number {
  const waited = ranFor >= restartBackoff.resetAfter ? restartBackoff.first : delay;
  return Math.min(waited * 2, restartBackoff.last);
}
