import { overlaps, parseCidr } from '../../cni/cidr.ts';
import { networkId } from '../../cni/conflist.ts';
import { generateConfList } from '../../cni/generate.ts';
import {
  type CniNetwork,
  defaultNetworkLabel,
  defaultNetworkName,
  readAllNetworks,
  readNetworks,
  writeNetwork,
} from '../../cni/store.ts';
import { hostSubnets, networkSubnets } from '../../cni/subnet.ts';
import { DockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';
import { withStoreLock } from './context.ts';

const defaultSubnet = { subnet: '10.4.0.0/24', gateway: '10.4.0.1', bridge: 'nerdctl0' };

/** docker's networks without an interface; the value is their driver. */
export const pseudoNetworks: Readonly<Record<string, string>> = { host: 'host', none: 'null' };

/** The networks of this namespace, the default one made if it is missing. */
export async function allNetworks(engine: Engine): Promise<CniNetwork[]> {
  const networks = knownNetworks(engine);
  if (networks.some(isDefaultNetwork)) return networks;
  await createDefaultNetwork(engine);
  return knownNetworks(engine);
}

/** The same without making anything. */
export function knownNetworks(engine: Engine): CniNetwork[] {
  return readNetworks(engine.settings.cniNetconfPath, engine.settings.namespace);
}

export function isDefaultNetwork(network: CniNetwork): boolean {
  return network.labels[defaultNetworkLabel] === 'true' || (network.owned && network.name === defaultNetworkName);
}

/** At the first use. Its subnet is fixed, so that both programs agree on it, unless --bridge-ip says otherwise. */
async function createDefaultNetwork(engine: Engine): Promise<void> {
  const { cniNetconfPath, bridgeIp } = engine.settings;
  await withStoreLock(engine, async () => {
    const known = readAllNetworks(cniNetconfPath);
    if (known.some(isDefaultNetwork)) return;
    const pool = bridgeIp ? poolOfBridgeIp(bridgeIp) : defaultSubnet;
    const block = parseCidr(pool.subnet);
    const rival = known.find(({ list }) => networkSubnets(list).some((other) => block && overlaps(other, block)));
    if (rival) {
      throw new DockerError(
        'conflict',
        `the default network cannot have ${pool.subnet}, network ${rival.name} uses it: set another with --bridge-ip`,
      );
    }
    const list = generateConfList({
      name: defaultNetworkName,
      driver: 'bridge',
      pools: [{ subnet: pool.subnet, gateway: pool.gateway }],
      internal: false,
      labels: { [defaultNetworkLabel]: 'true' },
      link: defaultSubnet.bridge,
      masquerade: true,
      icc: true,
    });
    await writeNetwork(cniNetconfPath, '', list);
  });
}

/** `--bridge-ip 10.1.0.1/24`: the bridge's own address and its prefix. */
function poolOfBridgeIp(bridgeIp: string): { subnet: string; gateway: string } {
  const block = parseCidr(bridgeIp);
  if (!block)
    throw new DockerError('invalid', `invalid --bridge-ip ${bridgeIp}: it is an address with a prefix length`);
  return { subnet: bridgeIp, gateway: bridgeIp.slice(0, bridgeIp.indexOf('/')) };
}

/**
 * A network by name, ID or unambiguous ID prefix.
 * @throws DockerError `not-found` `network X not found`
 */
export async function findNetwork(engine: Engine, ref: string): Promise<CniNetwork> {
  // The default network is the only one that may have to be made first.
  const known = knownNetworks(engine);
  const found = matchNetwork(known, ref);
  if (found) return found;
  if (!known.some(isDefaultNetwork) && (ref === defaultNetworkName || networkId(defaultNetworkName).startsWith(ref))) {
    const made = matchNetwork(await allNetworks(engine), ref);
    if (made) return made;
  }
  throw networkNotFound(ref);
}

/** In docker's order: full ID, name, ID prefix. @throws DockerError `invalid` when a prefix fits several */
export function matchNetwork(networks: readonly CniNetwork[], ref: string): CniNetwork | undefined {
  const exact = networks.find(({ id }) => id === ref) ?? networks.find(({ name }) => name === ref);
  if (exact || !/^[0-9a-f]+$/.test(ref)) return exact;
  const matches = networks.filter(({ id }) => id.startsWith(ref));
  if (matches.length > 1) {
    throw new DockerError('invalid', `network ${ref} is ambiguous (${matches.length} matches found on ID prefix)`);
  }
  return matches[0];
}

export function networkNotFound(ref: string): DockerError {
  return new DockerError('not-found', `network ${ref} not found`);
}

/** What a new subnet must keep clear of. */
export function takenSubnets(engine: Engine) {
  return {
    networks: readAllNetworks(engine.settings.cniNetconfPath).flatMap(({ list }) => networkSubnets(list)),
    // slirp4netns has its own in the network of the bridges.
    host: [...hostSubnets(), ...(engine.rootless ? [parseCidr('10.0.2.0/24')!] : [])],
  };
}
