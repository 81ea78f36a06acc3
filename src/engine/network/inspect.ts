import { ipamOf, networkId, rangesOf } from '../../cni/conflist.ts';
import { auxAddressesLabel } from '../../cni/generate.ts';
import type { CniNetwork } from '../../cni/store.ts';
import type { Engine } from '../engine.ts';
import { createdAt, networkRecord, networkUserLabels } from './labels.ts';
import {
  allNetworks,
  isDefaultNetwork,
  knownNetworks,
  matchNetwork,
  networkNotFound,
  pseudoNetworks,
} from './networks.ts';
import { type NetworkMember, networkMembers } from './usage.ts';

/** docker's network inspect; the keys are in docker's order. */
export interface DockerNetwork {
  Name: string;
  Id: string;
  Created: string;
  Scope: 'local';
  Driver: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  IPAM: {
    Driver: string;
    Options: Record<string, string> | null;
    Config:
      | { Subnet: string; IPRange?: string; Gateway?: string; AuxiliaryAddresses?: Record<string, string> }[]
      | null;
  };
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: { Network: string };
  ConfigOnly: boolean;
  Containers: Record<
    string,
    { Name: string; EndpointID: string; MacAddress: string; IPv4Address: string; IPv6Address: string }
  >;
  Options: Record<string, string>;
  Labels: Record<string, string>;
}

/** The networks of docker's list: CNI's, `host` and `none`, sorted by name. */
export async function listNetworks(engine: Engine): Promise<DockerNetwork[]> {
  const networks = (await shownNetworks(engine)).map((network) => toDocker(network, []));
  return [...networks, ...Object.keys(pseudoNetworks).map(pseudoNetwork)].sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** A default network that cannot be made, or not by this user, must not hide the others. */
function shownNetworks(engine: Engine): Promise<CniNetwork[]> {
  return allNetworks(engine).catch(() => knownNetworks(engine));
}

/** One network by name, ID or ID prefix, with its running containers. @throws DockerError `not-found` */
export async function inspectNetwork(engine: Engine, ref: string): Promise<DockerNetwork> {
  const network = matchNetwork(await shownNetworks(engine), ref);
  if (network) return toDocker(network, (await networkMembers(engine)).get(network.name) ?? []);
  const pseudo = Object.keys(pseudoNetworks)
    .map(pseudoNetwork)
    .find(({ Name, Id }) => Name === ref || (ref.length > 2 && Id.startsWith(ref)));
  if (!pseudo) throw networkNotFound(ref);
  return pseudo;
}

/** The file itself, for `--mode native`. */
export async function inspectNetworkNative(engine: Engine, ref: string): Promise<object> {
  const network = matchNetwork(await shownNetworks(engine), ref);
  if (!network) throw networkNotFound(ref);
  const { nerdctlID, nerdctlLabels, ...CNI } = network.list;
  return {
    CNI: { ...CNI, nerdctlID, nerdctlLabels },
    NerdctlID: nerdctlID,
    NerdctlLabels: nerdctlLabels,
    File: network.file,
  };
}

function toDocker(network: CniNetwork, members: readonly NetworkMember[]): DockerNetwork {
  const { list } = network;
  const [first] = list.plugins;
  const record = networkRecord(network);
  const subnets = poolsOf(network);
  return {
    ...blank(network.name, network.id, driverOf(network)),
    Created: createdAt(network),
    EnableIPv4: subnets.length === 0 || subnets.some(({ Subnet }) => Subnet.includes('.')),
    EnableIPv6: subnets.some(({ Subnet }) => Subnet.includes(':')),
    // docker's own network has none, not even an empty set
    IPAM: { Driver: ipamDriver(network), Options: isDefaultNetwork(network) ? null : {}, Config: subnets },
    Internal: network.owned && first?.type === 'bridge' && first.isGateway !== true,
    Attachable: record.Attachable ?? false,
    Containers: Object.fromEntries(
      members.map(({ id, name, endpoint }) => [
        id,
        {
          Name: name,
          EndpointID: endpoint.endpointId,
          MacAddress: endpoint.mac,
          IPv4Address: endpoint.ip && `${endpoint.ip}/${endpoint.prefix}`,
          IPv6Address: endpoint.ip6 && `${endpoint.ip6}/${endpoint.prefix6}`,
        },
      ]),
    ),
    Options: record.Options ?? optionsOf(network),
    Labels: networkUserLabels(network),
  };
}

function ipamDriver(network: CniNetwork): string {
  const type = ipamOf(network.list)?.type ?? 'default';
  return type === 'host-local' ? 'default' : type;
}

/** One entry for each subnet: auxiliary addresses cut its range into several. */
function poolsOf(network: CniNetwork) {
  const aux = parseAux(network.labels[auxAddressesLabel]);
  const bySubnet = new Map(rangesOf(network.list).map((range) => [range.subnet, range]));
  return [...bySubnet.values()].map(({ subnet, gateway, ipRange }) => ({
    Subnet: subnet,
    ...(ipRange ? { IPRange: ipRange } : {}),
    ...(gateway ? { Gateway: gateway } : {}),
    ...(aux[subnet] ? { AuxiliaryAddresses: aux[subnet] } : {}),
  }));
}

function parseAux(text: string | undefined): Record<string, Record<string, string>> {
  try {
    return JSON.parse(text ?? '{}') as Record<string, Record<string, string>>;
  } catch {
    return {};
  }
}

/** docker tells the bridge of its default network as an option. */
function optionsOf({ list }: CniNetwork): Record<string, string> {
  const [first] = list.plugins;
  if (first?.type !== 'bridge' || typeof first.bridge !== 'string') return {};
  const mtu: Record<string, string> =
    typeof first.mtu === 'number' ? { 'com.docker.network.driver.mtu': String(first.mtu) } : {};
  return { 'com.docker.network.bridge.name': first.bridge, ...mtu };
}

function driverOf({ list }: CniNetwork): string {
  return list.plugins[0]?.type ?? '';
}

function pseudoNetwork(name: string): DockerNetwork {
  return {
    ...blank(name, networkId(name), pseudoNetworks[name] ?? ''),
    IPAM: { Driver: 'default', Options: null, Config: null },
  };
}

function blank(name: string, id: string, driver: string): DockerNetwork {
  return {
    Name: name,
    Id: id,
    Created: '0001-01-01T00:00:00Z',
    Scope: 'local',
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}
