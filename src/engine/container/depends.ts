import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { readDockerRecord } from './docker-record.ts';
import { joined } from './namespaces.ts';
import { networkPlanOf } from './network.ts';

/** The containers whose namespaces a container joins, as they were named: they have to run before it can. */
function joinedContainers(engine: Engine, container: Container): string[] {
  const { PidMode, IpcMode } = readDockerRecord(stateDirOf(engine, container))?.HostConfig ?? {};
  const network = networkPlanOf(engine, container);
  const names = [joined(PidMode), joined(IpcMode), network.kind === 'container' ? network.id : undefined];
  return names.filter((name) => name !== undefined);
}

/**
 * Does `work` for each container, for what it depends on first, and at once what depends on nothing.
 * `work` does not reject.
 */
export async function inOrder<T>(
  engine: Engine,
  containers: readonly Container[],
  nameOf: (container: Container) => string,
  work: (container: Container) => Promise<T>,
): Promise<T[]> {
  const begun = new Map<string, Promise<T>>();
  const begin = (container: Container, path: readonly Container[] = []): Promise<T> => {
    const known = begun.get(container.id);
    if (known) return known;
    const names = joinedContainers(engine, container);
    const onWay = [...path, container];
    const first = containers
      .filter((each) => names.some((name) => each.id === name || nameOf(each) === name))
      // names may have been given to others since: no circles
      .filter((each) => !onWay.includes(each));
    const done = Promise.all(first.map((each) => begin(each, onWay))).then(() => work(container));
    begun.set(container.id, done);
    return done;
  };
  return Promise.all(containers.map((each) => begin(each)));
}
