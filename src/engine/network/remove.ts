import { removeBridge } from '../../cni/bridge.ts';
import { bridgeName } from '../../cni/conflist.ts';
import { removeLeaseDir } from '../../cni/lease.ts';
import { type CniNetwork, readAllNetworks, removeNetworkFile } from '../../cni/store.ts';
import { DockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';
import { pluginHost, withPluginLock, withStoreLock } from './context.ts';
import { networkRecord } from './labels.ts';
import {
  findNetwork,
  isDefaultNetwork,
  knownNetworks,
  matchNetwork,
  networkNotFound,
  pseudoNetworks,
} from './networks.ts';
import { hasActiveEndpoints } from './usage.ts';

/**
 * Removes a network with its bridge, rules and leases.
 * @returns its name
 * @throws DockerError in docker's words when it is predefined, unknown or in use
 */
export async function removeNetwork(engine: Engine, ref: string): Promise<string> {
  if (Object.hasOwn(pseudoNetworks, ref)) throw predefined(ref);
  const network = await findNetwork(engine, ref);
  if (isDefaultNetwork(network)) throw predefined(network.name);
  if (!network.owned) {
    throw new DockerError('denied', `network ${network.name} was not made by nerdctl: remove ${network.file} by hand`);
  }
  // Both: no container gets an address meanwhile, and no network the bridge.
  return withStoreLock(engine, () =>
    withPluginLock(engine, async () => {
      if (!matchNetwork(knownNetworks(engine), network.id)) throw networkNotFound(ref);
      if (await hasActiveEndpoints(engine, network)) {
        throw new DockerError(
          'denied',
          `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
        );
      }
      await removeTraces(engine, network);
      return network.name;
    }),
  );
}

async function removeTraces(engine: Engine, network: CniNetwork): Promise<void> {
  const bridge = bridgeName(network.list);
  const others = readAllNetworks(engine.settings.cniNetconfPath).filter(({ file }) => file !== network.file);
  const shared = others.some(({ list }) => bridgeName(list) === bridge);
  if (bridge && !shared && !networkRecord(network).KeepLink) await removeBridge(pluginHost(engine), bridge);
  // The directory goes by name alone, so another namespace may share it.
  if (!others.some(({ name }) => name === network.name)) await removeLeaseDir(network.list);
  await removeNetworkFile(network);
}

function predefined(name: string): DockerError {
  return new DockerError('denied', `${name} is a pre-defined network and cannot be removed`);
}
