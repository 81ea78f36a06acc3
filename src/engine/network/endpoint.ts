import { createHash } from 'node:crypto';
import { networkId } from '../../cni/conflist.ts';
import { attachmentOf, type CniResult } from '../../cni/result.ts';
import type { Engine } from '../engine.ts';
import { readHostsMeta } from './hosts.ts';
import { type HostsMeta, namesOnNetwork } from './hosts-file.ts';

/** One container on one network; texts are empty and numbers zero where there is none. */
export interface NetworkEndpoint {
  network: string;
  networkId: string;
  endpointId: string;
  /** `eth0`, `eth1` … */
  interface: string;
  mac: string;
  ip: string;
  prefix: number;
  gateway: string;
  ip6: string;
  prefix6: number;
  gateway6: string;
  aliases: string[];
  dnsNames: string[];
}

/** Docker's 64 hex digits; ours follow from the container and the network. */
export function endpointId(id: string, network: string): string {
  return createHash('sha256').update(`${id}/${network}`).digest('hex');
}

export function toEndpoint(meta: HostsMeta, network: string, result: CniResult, ifName: string): NetworkEndpoint {
  const { mac, addresses } = attachmentOf(result, ifName);
  const v4 = addresses.find(({ family }) => family === 4);
  const v6 = addresses.find(({ family }) => family === 6);
  return {
    network,
    networkId: networkId(network),
    endpointId: endpointId(meta.ID, network),
    interface: ifName,
    mac,
    ip: v4?.ip ?? '',
    prefix: v4?.prefix ?? 0,
    gateway: v4?.gateway ?? '',
    ip6: v6?.ip ?? '',
    prefix6: v6?.prefix ?? 0,
    gateway6: v6?.gateway ?? '',
    aliases: meta.Aliases?.[network] ?? [],
    dnsNames: network === 'bridge' ? [] : shortNames(network, meta),
  };
}

function shortNames(network: string, meta: HostsMeta): string[] {
  return namesOnNetwork(network, { ...meta, Domainname: '' }).filter((name) => !name.endsWith(`.${network}`));
}

/** The addresses of a running container, without asking anyone: from its entry in the hosts store. */
export function readEndpoints(engine: Engine, id: string): NetworkEndpoint[] {
  const meta = readHostsMeta(engine, id);
  return Object.entries(meta?.Networks ?? {}).flatMap(([network, result]) => {
    const ifName = result?.interfaces?.find(({ sandbox }) => sandbox)?.name;
    return meta && result && ifName ? [toEndpoint(meta, network, result, ifName)] : [];
  });
}

/** A value of `NetworkSettings.Networks` in docker's container inspect. */
export function dockerEndpoint(endpoint: NetworkEndpoint) {
  return {
    IPAMConfig: null as { IPv4Address?: string; IPv6Address?: string } | null,
    Links: null,
    Aliases: endpoint.aliases.length > 0 ? endpoint.aliases : null,
    MacAddress: endpoint.mac,
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: endpoint.networkId,
    EndpointID: endpoint.endpointId,
    Gateway: endpoint.gateway,
    IPAddress: endpoint.ip,
    IPPrefixLen: endpoint.prefix,
    IPv6Gateway: endpoint.gateway6,
    GlobalIPv6Address: endpoint.ip6,
    GlobalIPv6PrefixLen: endpoint.prefix6,
    DNSNames: endpoint.dnsNames.length > 0 ? endpoint.dnsNames : null,
  };
}
