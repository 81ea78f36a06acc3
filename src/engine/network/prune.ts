import { isDockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';
import { createdAt, networkUserLabels } from './labels.ts';
import { isDefaultNetwork, knownNetworks } from './networks.ts';
import { removeNetwork } from './remove.ts';
import { networkMembers } from './usage.ts';

/**
 * Removes the networks that no running container is on.
 * @param matches what `--filter` says of a network
 * @returns names
 */
export async function pruneNetworks(
  engine: Engine,
  matches: (network: { labels: Record<string, string>; created: Date }) => boolean,
): Promise<string[]> {
  const [networks, members] = [knownNetworks(engine), await networkMembers(engine)];
  const unused = networks.filter(
    (network) =>
      network.owned &&
      !isDefaultNetwork(network) &&
      !members.has(network.name) &&
      matches({ labels: networkUserLabels(network), created: new Date(createdAt(network)) }),
  );
  const removed: string[] = [];
  for (const { name } of unused) {
    try {
      removed.push(await removeNetwork(engine, name));
    } catch (error) {
      // Taken into use, or removed, meanwhile.
      if (!isDockerError(error, 'denied') && !isDockerError(error, 'not-found')) throw error;
    }
  }
  return removed;
}
