import { linkExists } from '../../cni/bridge.ts';
import { formatCidr, overlaps, parseCidr } from '../../cni/cidr.ts';
import { bridgeName, isNetworkName, networkId } from '../../cni/conflist.ts';
import { checkPools, defaultBridgeName, generateConfList, type Pool } from '../../cni/generate.ts';
import { canWriteRules } from '../../cni/own-rules.ts';
import { findPlugin } from '../../cni/plugin.ts';
import { pluginVersion } from '../../cni/plugin-version.ts';
import { readAllNetworks, writeNetwork } from '../../cni/store.ts';
import { nextFreeIpv6Subnet, nextFreeSubnet } from '../../cni/subnet.ts';
import { DockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';
import { pluginHost, withStoreLock } from './context.ts';
import { type NetworkRecord, networkRecordLabel } from './labels.ts';
import { knownNetworks, takenSubnets } from './networks.ts';
import { driverOptions } from './options.ts';

/** The body of `POST /networks/create`, as far as it means something here. */
export interface NetworkCreateBody {
  Name: string;
  Driver?: string;
  Internal?: boolean;
  Attachable?: boolean;
  EnableIPv4?: boolean;
  EnableIPv6?: boolean;
  IPAM?: { Driver?: string; Config?: IpamConfig[]; Options?: Record<string, string> };
  Options?: Record<string, string>;
  Labels?: Record<string, string>;
}

export interface IpamConfig {
  Subnet?: string;
  Gateway?: string;
  IPRange?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** Makes a network, that is, its conflist: bridge and rules come with the first container. @returns its ID */
export async function createNetwork(engine: Engine, body: NetworkCreateBody): Promise<string> {
  const driver = body.Driver || 'bridge';
  checkNameAndDriver(body.Name, driver);
  const ipamDriver = body.IPAM?.Driver || 'default';
  if (!['default', 'host-local'].includes(ipamDriver)) {
    throw new DockerError('invalid', `IPAM driver "${ipamDriver}" is not supported: use default`);
  }
  const options = driverOptions(body.Options ?? {});
  return withStoreLock(engine, async () => {
    if (knownNetworks(engine).some(({ name }) => name === body.Name)) {
      throw new DockerError('conflict', `network with name ${body.Name} already exists`);
    }
    const link = options.link ?? (driver === 'bridge' ? defaultBridgeName(body.Name) : undefined);
    checkLink(engine, driver, link);
    const record: NetworkRecord = {
      Created: new Date().toISOString(),
      Options: body.Options ?? {},
      Attachable: body.Attachable ?? false,
      ...(options.link && (await linkExists(pluginHost(engine), options.link)) ? { KeepLink: true } : {}),
    };
    const list = generateConfList({
      name: body.Name,
      driver: driver as 'bridge' | 'macvlan' | 'ipvlan',
      pools: choosePools(engine, body),
      internal: body.Internal ?? false,
      labels: { ...body.Labels, [networkRecordLabel]: JSON.stringify(record) },
      ...options,
    });
    if (!options.icc && !canWriteRules(list)) await requireIsolation(engine);
    await writeNetwork(engine.settings.cniNetconfPath, engine.settings.namespace, list);
    return networkId(body.Name);
  });
}

function checkNameAndDriver(name: string, driver: string): void {
  if (['bridge', 'host', 'none', 'default'].includes(name)) {
    throw new DockerError('denied', `operation is not permitted on predefined ${name} network`);
  }
  if (!isNetworkName(name)) {
    throw new DockerError('invalid', `invalid network name "${name}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  if (driver === 'host' || driver === 'null') {
    throw new DockerError('denied', `only one instance of "${driver}" network is allowed`);
  }
  if (!['bridge', 'macvlan', 'ipvlan'].includes(driver)) {
    throw new DockerError('not-found', `could not find plugin ${driver} in v1 plugin registry: plugin not found`);
  }
}

/** The pools asked for, checked, and free ones for the families that have none. */
function choosePools(engine: Engine, body: NetworkCreateBody): Pool[] {
  const configs = body.IPAM?.Config ?? [];
  const pools = configs.flatMap((config): Pool[] =>
    config.Subnet
      ? [
          {
            subnet: canonical(config.Subnet),
            gateway: config.Gateway,
            ipRange: config.IPRange,
            auxAddresses: config.AuxiliaryAddresses,
          },
        ]
      : [],
  );
  checkPools(pools);
  const taken = takenSubnets(engine);
  for (const pool of pools) {
    const block = parseCidr(pool.subnet)!;
    if ([...taken.networks, ...taken.host].some((other) => overlaps(other, block))) {
      throw new DockerError('denied', 'Pool overlaps with other one on this address space');
    }
  }
  const has = (family: 4 | 6) => pools.some(({ subnet }) => parseCidr(subnet)?.family === family);
  if (!has(4) && body.EnableIPv4 !== false) {
    const subnet = nextFreeSubnet([...taken.networks, ...taken.host]);
    if (!subnet) throw new DockerError('system', 'all predefined address pools have been fully subnetted');
    pools.unshift({ subnet });
  }
  if (!has(6) && body.EnableIPv6) {
    pools.push({ subnet: nextFreeIpv6Subnet(body.Name, [...taken.networks, ...taken.host]) });
  }
  return pools;
}

function canonical(subnet: string): string {
  const block = parseCidr(subnet);
  return block ? formatCidr(block) : subnet;
}

/** Two networks on one bridge would mix their containers. */
function checkLink(engine: Engine, driver: string, link: string | undefined): void {
  if (driver !== 'bridge') {
    if (!link) throw new DockerError('invalid', `a ${driver} network needs the parent interface: -o parent=INTERFACE`);
    return;
  }
  const rival = readAllNetworks(engine.settings.cniNetconfPath).find(({ list }) => bridgeName(list) === link);
  if (rival) {
    throw new DockerError('denied', `network with name ${rival.name} uses the bridge ${link} already`);
  }
}

/** `ingressPolicy: isolated` came with version 1.7.1 of the firewall plugin; older ones ignore it in silence. */
async function requireIsolation(engine: Engine): Promise<void> {
  const version = await pluginVersion(findPlugin('firewall', engine.settings.cniPath));
  if (version && version.join('.').localeCompare('1.7.1', undefined, { numeric: true }) >= 0) return;
  throw new DockerError(
    'not-implemented',
    'com.docker.network.bridge.enable_icc=false needs version 1.7.1 of the CNI plugin "firewall", ' +
      `this machine has ${version ? version.join('.') : 'an older one'}`,
  );
}
