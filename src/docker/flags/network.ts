import type { EndpointSettings } from '../api.ts';
import { type DockerError, invalid } from '../errors.ts';
import { parseMacAddress } from '../values/ip.ts';
import { parseCsvLine } from './csv.ts';

/** One value of --network taken apart. */
export interface NetworkAttachment {
  /** The network's name or ID, or `bridge`, `none`, `host`, `container:…`. */
  target: string;
  aliases: string[];
  ipv4?: string;
  ipv6?: string;
  linkLocalIps: string[];
  macAddress?: string;
  driverOpts: Record<string, string>;
  gwPriority?: number;
}

/**
 * One value of --network: a name, or `name=net,alias=a,ip=…,ip6=…,mac-address=…,link-local-ip=…,driver-opt=k=v,gw-priority=n`.
 * @throws DockerError `invalid`
 */
export function parseNetworkFlag(value: string): NetworkAttachment {
  const result: NetworkAttachment = { target: '', aliases: [], linkLocalIps: [], driverOpts: {} };
  if (!/^\s*\w[\w-]*=.*$/.test(value) || /^\s*name=\s*$/i.test(value)) return { ...result, target: value };
  for (const field of parseCsvLine(value)) {
    const equals = field.indexOf('=');
    if (equals < 0) throw invalid(`invalid field ${field}`);
    const key = field.slice(0, equals).trim().toLowerCase();
    const text = field
      .slice(equals + 1)
      .trim()
      .toLowerCase();
    setField(result, key, text);
  }
  if (result.target === '') throw invalid('network name/id is not specified');
  return result;
}

function setField(result: NetworkAttachment, key: string, text: string): void {
  if (key === 'name') result.target = text;
  else if (key === 'alias') result.aliases.push(text);
  else if (key === 'ip') result.ipv4 = text;
  else if (key === 'ip6') result.ipv6 = text;
  else if (key === 'mac-address') result.macAddress = text;
  else if (key === 'link-local-ip') result.linkLocalIps.push(text);
  else if (key === 'driver-opt') {
    const equals = text.indexOf('=');
    if (equals <= 0) throw invalid('invalid key value pair format in driver options');
    result.driverOpts[text.slice(0, equals)] = text.slice(equals + 1);
  } else if (key === 'gw-priority') {
    if (!/^[+-]?\d+$/.test(text)) throw invalid(`invalid gw-priority (${text}): invalid syntax`);
    result.gwPriority = Number(text);
  } else throw invalid(`invalid field key ${key}`);
}

/** The flags beside --network that belong to the first network. */
export interface EndpointFlags {
  aliases?: readonly string[];
  ipv4?: string;
  ipv6?: string;
  macAddress?: string;
  links?: readonly string[];
}

/**
 * All values of --network with --network-alias, --ip, --ip6 and --mac-address, as the create body has them.
 * A single network without options gives an empty EndpointsConfig, as docker's CLI sends it.
 * @throws DockerError `invalid`
 */
export function parseNetworkFlags(
  values: readonly string[],
  flags: EndpointFlags = {},
): { NetworkMode: string; EndpointsConfig: Record<string, EndpointSettings & { GwPriority?: number }> } {
  const networks = values.length === 0 ? [parseNetworkFlag('default')] : values.map(parseNetworkFlag);
  const first = networks[0] ?? parseNetworkFlag('default');
  if (networks.some(({ target }) => target === '')) throw invalid('no name set for network');
  mergeFlags(first, flags);
  const EndpointsConfig: Record<string, EndpointSettings & { GwPriority?: number }> = {};
  for (const network of networks) {
    const userDefined = isUserDefined(network.target);
    if (networks.length > 1 && userDefined !== isUserDefined(first.target)) {
      throw invalid('conflicting options: cannot attach both user-defined and non-user-defined network-modes');
    }
    if (network.aliases.length > 0 && !userDefined) {
      throw invalid('network-scoped aliases are only supported for user-defined networks');
    }
    if (Object.hasOwn(EndpointsConfig, network.target)) {
      throw invalid(`network "${network.target}" is specified multiple times`);
    }
    const settings = endpoint(network);
    if (networks.length > 1 || Object.keys(settings).length > 0) EndpointsConfig[network.target] = settings;
  }
  return { NetworkMode: first.target, EndpointsConfig };
}

function mergeFlags(first: NetworkAttachment, flags: EndpointFlags): void {
  const conflict = (flag: string, what: string): DockerError =>
    invalid(`conflicting options: cannot specify both --${flag} and per-network ${what}`);
  if (flags.aliases?.length) {
    if (first.aliases.length > 0) throw conflict('network-alias', 'alias');
    first.aliases = [...flags.aliases];
  }
  if (flags.ipv4) {
    if (first.ipv4) throw conflict('ip', 'IPv4 address');
    first.ipv4 = flags.ipv4;
  }
  if (flags.ipv6) {
    if (first.ipv6) throw conflict('ip6', 'IPv6 address');
    first.ipv6 = flags.ipv6;
  }
  if (flags.macAddress) {
    if (first.macAddress && first.macAddress !== flags.macAddress) throw conflict('mac-address', 'MAC address');
    first.macAddress = flags.macAddress;
  }
}

function endpoint(network: NetworkAttachment): EndpointSettings & { GwPriority?: number } {
  if (network.macAddress !== undefined && parseMacAddress(network.macAddress) === undefined) {
    throw invalid(`${network.macAddress} is not a valid mac address`);
  }
  const ipam = {
    ...(network.ipv4 && { IPv4Address: network.ipv4 }),
    ...(network.ipv6 && { IPv6Address: network.ipv6 }),
    ...(network.linkLocalIps.length > 0 && { LinkLocalIPs: network.linkLocalIps }),
  };
  return {
    ...(Object.keys(ipam).length > 0 && { IPAMConfig: ipam }),
    ...(network.aliases.length > 0 && { Aliases: network.aliases }),
    ...(network.macAddress && { MacAddress: network.macAddress }),
    ...(Object.keys(network.driverOpts).length > 0 && { DriverOpts: network.driverOpts }),
    ...(network.gwPriority && { GwPriority: network.gwPriority }),
  };
}

/** Neither `bridge`, `default`, `none`, `host` nor `container:…`. */
export function isUserDefined(mode: string): boolean {
  return !['', 'default', 'bridge', 'none', 'host'].includes(mode) && !mode.startsWith('container:');
}
