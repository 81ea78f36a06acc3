import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { limiter } from '../image/limit.ts';
import { inNamespace, managedNamespaces } from '../in-namespace.ts';
import { nameOf } from './container-dir.ts';
import { inOrder } from './depends.ts';
import { finishRun } from './exit.ts';
import { healAbandoned } from './heal.ts';
import { label } from './labels.ts';
import { type ListedContainer, listContainers } from './list.ts';
import { putAwayLostRun } from './lost-run.ts';
import { restartPolicyOf } from './restart-policy.ts';
import { startContainer } from './start.ts';

export interface Restored {
  id: string;
  name: string;
  error?: unknown;
}

/** More at once are not faster: most of a start is spent in the plugins, which wait for each other. */
const atOnce = 8;

/** {@link restoreContainers} in every namespace that has containers of docker-like tools. */
export async function restoreAll(engine: Engine): Promise<Restored[]> {
  const namespaces = await managedNamespaces(engine);
  return (await Promise.all(namespaces.map((name) => restoreContainers(inNamespace(engine, name))))).flat();
}

/**
 * After a reboot, or a time without anybody to see exits: starts what docker's daemon would start, with the addresses
 * it had, and finishes what has ended. One container that fails does not keep the others down.
 */
export async function restoreContainers(engine: Engine): Promise<Restored[]> {
  await healAbandoned(engine);
  const before = await listContainers(engine);
  await Promise.all(before.map(({ container, state }) => !state.Running && putAwayLostRun(engine, container)));
  const listed = await listContainers(engine);
  const wanted = listed.filter(isWanted);
  const limit = limiter(atOnce);
  const start = async (container: Container): Promise<Restored> => {
    const restored = { id: container.id, name: nameOf(container) };
    try {
      await finishRun(engine, container, { keepNetwork: true, keepContainer: true });
      await startContainer(engine, container, { sameAddresses: true });
      return restored;
    } catch (error) {
      return { ...restored, error };
    }
  };
  // Oldest first: what was made before something else may be what that needs.
  const oldestFirst = wanted.map(({ container }) => container).reverse();
  const restored = await inOrder(engine, oldestFirst, nameOf, (container) => limit(() => start(container)));
  const rest = listed.filter((entry) => !wanted.includes(entry) && !entry.state.Running);
  await Promise.allSettled(rest.map(({ container }) => finishRun(engine, container)));
  return restored;
}

function isWanted({ container, state }: ListedContainer): boolean {
  if (state.Running && state.Pid > 0) return false;
  const policy = restartPolicyOf(container.labels);
  const stopped = container.labels[label.explicitlyStopped] === 'true';
  if (state.Status === 'created') return false;
  if (policy.Name === 'always') return true;
  if (policy.Name === 'unless-stopped') return !stopped;
  return policy.Name === 'on-failure' && !stopped && state.ExitCode !== 0;
}
