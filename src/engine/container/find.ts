import { DockerError } from '../../docker/errors.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { healOperations } from './heal.ts';
import { label } from './labels.ts';
import { nameHolder } from './names.ts';

export type { Container };

/** A container by full ID, name or unambiguous ID prefix, in docker's order of preference. */
export async function findContainer(engine: Engine, ref: string): Promise<Container> {
  await healOperations(engine);
  const wanted = ref.startsWith('/') ? ref.slice(1) : ref;
  if (/^[0-9a-f]{64}$/.test(wanted)) {
    const exact = await getContainer(engine, wanted);
    if (exact) return exact;
  }
  const named = await findByName(engine, wanted);
  if (named) return named;
  if (/^[0-9a-zA-Z][0-9a-zA-Z_.-]*$/.test(wanted)) {
    const matches = await engine.containerd.containers.list([`id~=^${wanted.replaceAll('.', '\\\\.')}.*$`]);
    if (matches.length > 1) {
      throw new DockerError('invalid', `multiple IDs found with provided prefix: ${wanted}`);
    }
    if (matches[0]) return matches[0];
  }
  throw new DockerError('not-found', `No such container: ${ref}`);
}

async function findByName(engine: Engine, name: string): Promise<Container | undefined> {
  const holder = nameHolder(engine, name);
  if (holder) {
    const container = await getContainer(engine, holder);
    if (container?.labels[label.name] === name) return container;
  }
  // Go nerdctl gives the reservation up when the task is deleted; the label stays.
  const [match] = await engine.containerd.containers.list([`labels."${label.name}"==${JSON.stringify(name)}`]);
  return match;
}

async function getContainer(engine: Engine, id: string): Promise<Container | undefined> {
  try {
    return await engine.containerd.containers.get(id);
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return undefined;
    throw error;
  }
}
