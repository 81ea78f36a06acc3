import { defaultNetworkName, readNetworks } from '../cni/store.ts';
import { formatFamiliar, tryParseReference } from '../docker/reference.ts';
import { Status } from '../gen/containerd/types/task/task.ts';
import { nameOf } from './container/container-dir.ts';
import type { Engine } from './engine.ts';
import { isDangling } from './image/records.ts';
import { listVolumes } from './volume/store.ts';

// The names of things as they stand, for somebody who is still typing: nothing is healed, made or locked for them.

export interface NamedContainer {
  id: string;
  name: string;
  state: 'running' | 'paused' | 'stopped';
}

interface Dated {
  createdAt?: Date | undefined;
}

const newestFirst = (a: Dated, b: Dated) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0);

/** Newest first. Two calls to containerd at once. */
export async function namedContainers({ containerd }: Engine): Promise<NamedContainer[]> {
  const [records, tasks] = await Promise.all([containerd.containers.list(), containerd.tasks.list()]);
  const status = new Map(tasks.map((task) => [task.id || task.containerId, task.status]));
  return records
    .sort(newestFirst)
    .map((record) => ({ id: record.id, name: nameOf(record), state: stateOf(status.get(record.id)) }));
}

function stateOf(status: Status | undefined): NamedContainer['state'] {
  if (status === Status.PAUSED || status === Status.PAUSING) return 'paused';
  return status === Status.RUNNING || status === Status.CREATED ? 'running' : 'stopped';
}

/** Those with a tag as their user would type them, newest first. One call to containerd. */
export async function imageNames({ containerd }: Engine): Promise<string[]> {
  const records = await containerd.images.list();
  const names = records.sort(newestFirst).flatMap(({ name }) => {
    const reference = isDangling(name) ? undefined : tryParseReference(name);
    return reference?.tag === undefined ? [] : [formatFamiliar({ ...reference, digest: undefined })];
  });
  return [...new Set(names)];
}

/** With the default network, which the first use makes, and docker's two without an interface. */
export function networkNames({ settings }: Engine): string[] {
  const known = readNetworks(settings.cniNetconfPath, settings.namespace).map(({ name }) => name);
  return [...new Set([defaultNetworkName, 'host', 'none', ...known])];
}

export function volumeNames(engine: Engine): string[] {
  return listVolumes(engine).map(({ Name }) => Name);
}

export async function namespaceNames({ containerd }: Engine): Promise<string[]> {
  return (await containerd.namespaces.list()).map(({ name }) => name).sort();
}
