import { readLeases } from '../../cni/lease.ts';
import type { CniNetwork } from '../../cni/store.ts';
import type { Engine } from '../engine.ts';
import { liveOperation } from '../operations.ts';
import { type NetworkEndpoint, readEndpoints } from './endpoint.ts';
import { readAllHostsMeta } from './hosts.ts';

/** A container with an address on a network. */
export interface NetworkMember {
  id: string;
  name: string;
  endpoint: NetworkEndpoint;
}

/**
 * The running containers by network name. Entries of containers that died unseen do not count; those of containers
 * that are being started do.
 */
export async function networkMembers(engine: Engine): Promise<Map<string, NetworkMember[]>> {
  const members = new Map<string, NetworkMember[]>();
  const metas = readAllHostsMeta(engine);
  if (metas.length === 0) return members;
  const alive = await aliveContainers(engine);
  for (const { ID, Name } of metas.filter(({ ID }) => alive(ID))) {
    for (const endpoint of readEndpoints(engine, ID)) {
      const list = members.get(endpoint.network) ?? [];
      members.set(endpoint.network, [...list, { id: ID, name: Name, endpoint }]);
    }
  }
  return members;
}

async function aliveContainers(engine: Engine): Promise<(id: string) => boolean> {
  const tasks = new Set((await engine.containerd.tasks.list()).map(({ id, containerId }) => id || containerId));
  return (id) => tasks.has(id) || liveOperation(engine, id) !== undefined;
}

/** Whether a container, of any namespace for the default network, still holds an address. */
export async function hasActiveEndpoints(engine: Engine, network: CniNetwork): Promise<boolean> {
  if ((await networkMembers(engine)).has(network.name)) return true;
  const prefix = `${engine.settings.namespace}-`;
  const leases = readLeases(network.list).filter(({ containerId }) => containerId.startsWith(prefix));
  if (leases.length === 0) return false;
  const alive = await aliveContainers(engine);
  return leases.some(({ containerId }) => alive(containerId.slice(prefix.length)));
}
