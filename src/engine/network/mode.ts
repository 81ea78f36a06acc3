import type { EndpointSettings } from '../../docker/api.ts';
import { DockerError } from '../../docker/errors.ts';
import { isIpv4, isIpv6 } from '../../docker/values/ip.ts';
import { findContainer } from '../container/find.ts';
import { jsonLabel, label } from '../container/labels.ts';
import type { Engine } from '../engine.ts';
import { findNetwork, isDefaultNetwork } from './networks.ts';

/** What a container wants of one network. */
export interface EndpointRequest {
  name: string;
  aliases: string[];
  ip?: string;
  ip6?: string;
  mac?: string;
}

/** Docker's network mode, with names resolved. */
export type NetworkPlan =
  | { kind: 'none' }
  | { kind: 'host' }
  | { kind: 'container'; id: string }
  | { kind: 'ns'; path: string }
  | { kind: 'cni'; endpoints: EndpointRequest[] };

/**
 * Resolves `HostConfig.NetworkMode` and `NetworkingConfig.EndpointsConfig` of a create body.
 * @param macAddress `Config.MacAddress`, for the first network
 * @throws DockerError `network X not found`, `No such container: X`
 */
export async function resolveNetworks(
  engine: Engine,
  networkMode: string | undefined,
  endpoints: Readonly<Record<string, EndpointSettings>> = {},
  macAddress?: string,
): Promise<NetworkPlan> {
  const mode = networkMode || 'default';
  if (mode === 'none' || mode === 'host') return { kind: mode };
  if (mode.startsWith('container:')) {
    return { kind: 'container', id: (await findContainer(engine, mode.slice('container:'.length))).id };
  }
  if (mode.startsWith('ns:')) return { kind: 'ns', path: mode.slice('ns:'.length) };
  // The mode's network comes first, whether or not it is among the endpoints.
  const names = [mode, ...Object.keys(endpoints).filter((name) => name !== mode)];
  const requests = await Promise.all(
    names.map((name, i) => resolveEndpoint(engine, name, endpoints[name], i === 0 ? macAddress : undefined)),
  );
  return { kind: 'cni', endpoints: dedupe(requests) };
}

async function resolveEndpoint(
  engine: Engine,
  name: string,
  settings: EndpointSettings | undefined,
  macAddress: string | undefined,
): Promise<EndpointRequest> {
  const network = await findNetwork(engine, name === 'default' ? 'bridge' : name);
  const ip = settings?.IPAMConfig?.IPv4Address || undefined;
  const ip6 = settings?.IPAMConfig?.IPv6Address || undefined;
  if (ip && !isIpv4(ip)) throw new DockerError('invalid', `invalid IPv4 address: ${ip}`);
  if (ip6 && !isIpv6(ip6)) throw new DockerError('invalid', `invalid IPv6 address: ${ip6}`);
  if ((ip || ip6) && isDefaultNetwork(network)) {
    throw new DockerError('invalid', 'user specified IP address is supported on user defined networks only');
  }
  return {
    name: network.name,
    aliases: settings?.Aliases ?? [],
    ip,
    ip6,
    mac: settings?.MacAddress || macAddress || undefined,
  };
}

/** The mode may name by ID what the endpoints name by name. */
function dedupe(requests: EndpointRequest[]): EndpointRequest[] {
  const byName = new Map<string, EndpointRequest>();
  for (const request of requests) {
    const other = byName.get(request.name);
    byName.set(request.name, {
      ...request,
      aliases: [...new Set([...(other?.aliases ?? []), ...request.aliases])],
      ip: other?.ip ?? request.ip,
      ip6: other?.ip6 ?? request.ip6,
      mac: other?.mac ?? request.mac,
    });
  }
  return [...byName.values()];
}

/** The value of the `nerdctl/networks` label. */
export function networksLabel(plan: NetworkPlan): string[] {
  switch (plan.kind) {
    case 'none':
    case 'host':
      return [plan.kind];
    case 'container':
      return [`container:${plan.id}`];
    case 'ns':
      return [`ns:${plan.path}`];
    case 'cni':
      return plan.endpoints.map(({ name }) => name);
  }
}

/** The plan as a container's labels keep it; aliases are not among them. */
export function planOfLabels(labels: Record<string, string>): NetworkPlan {
  const names = jsonLabel<string[]>(labels, label.networks) ?? [];
  const [first] = names;
  if (first === 'none' || first === 'host') return { kind: first };
  if (first?.startsWith('container:')) return { kind: 'container', id: first.slice('container:'.length) };
  if (first?.startsWith('ns:')) return { kind: 'ns', path: first.slice('ns:'.length) };
  const endpoints = names.map((name, i): EndpointRequest => {
    const own = i === 0 ? { ip: labels[label.ip], ip6: labels[label.ip6], mac: labels[label.mac] } : {};
    return { name, aliases: [], ip: own.ip || undefined, ip6: own.ip6 || undefined, mac: own.mac || undefined };
  });
  return { kind: 'cni', endpoints };
}
