import type { Engine } from '../engine.ts';
import { finishRun } from './exit.ts';
import { healAbandoned } from './heal.ts';
import { label } from './labels.ts';
import { listContainers } from './list.ts';
import { putAwayLostRun } from './lost-run.ts';
import { restartPolicyOf } from './restart-policy.ts';
import { startContainer } from './start.ts';

export interface Restored {
  id: string;
  error?: unknown;
}

/**
 * After a reboot, or a time without anybody to see exits: starts what docker's daemon would start, finishes what has
 * ended. One container that fails does not keep the others down.
 */
export async function restoreContainers(engine: Engine): Promise<Restored[]> {
  await healAbandoned(engine);
  const before = await listContainers(engine);
  await Promise.all(before.map(({ container, state }) => !state.Running && putAwayLostRun(engine, container)));
  const listed = await listContainers(engine);
  const wanted = listed.filter(({ container, state }) => {
    if (state.Running && state.Pid > 0) return false;
    const policy = restartPolicyOf(container.labels);
    const stopped = container.labels[label.explicitlyStopped] === 'true';
    if (state.Status === 'created') return false;
    if (policy.Name === 'always') return true;
    if (policy.Name === 'unless-stopped') return !stopped;
    return policy.Name === 'on-failure' && !stopped && state.ExitCode !== 0;
  });
  const restored: Restored[] = [];
  for (const { container } of wanted) {
    try {
      await finishRun(engine, container, { keepNetwork: true, keepContainer: true });
      await startContainer(engine, container);
      restored.push({ id: container.id });
    } catch (error) {
      restored.push({ id: container.id, error });
    }
  }
  const rest = listed.filter((entry) => !wanted.includes(entry) && !entry.state.Running);
  await Promise.allSettled(rest.map(({ container }) => finishRun(engine, container)));
  return restored;
}
