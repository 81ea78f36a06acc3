import { readCache } from '../../cni/cache.ts';
import { addToNetwork, commonArgs, removeFromNetwork } from '../../cni/chain.ts';
import type { CniResult } from '../../cni/result.ts';
import type { CniNetwork } from '../../cni/store.ts';
import type { PortMapping } from '../../docker/api.ts';
import { DockerError } from '../../docker/errors.ts';
import { afterAbort, type Engine, forUndo } from '../engine.ts';
import { cniId, pluginGrace, pluginHost, withPluginLock } from './context.ts';
import { detachLocked } from './detach.ts';
import { type NetworkEndpoint, toEndpoint } from './endpoint.ts';
import { hostGateway } from './gateway.ts';
import { forgetFailedDetach } from './heal.ts';
import { publishHosts } from './hosts.ts';
import { extraHostsMap, type HostsMeta } from './hosts-file.ts';
import type { EndpointRequest } from './mode.ts';
import { findNetwork } from './networks.ts';
import { portsEndpoint, releasePorts } from './ports.ts';

export interface AttachRequest {
  id: string;
  name: string;
  hostname: string;
  domainname: string;
  netnsPath: string;
  networks: EndpointRequest[];
  portMappings: PortMapping[];
  /** `name:address`, `host-gateway` among the addresses. */
  extraHosts: string[];
}

/**
 * Connects a network namespace to its networks as eth0, eth1 …, publishes its ports, and makes the container known to
 * its peers. What an earlier attempt left is cleared first; on failure nothing stays.
 */
export async function attachNetworks(engine: Engine, request: AttachRequest): Promise<NetworkEndpoint[]> {
  const { id } = request;
  const networks = await Promise.all(request.networks.map(({ name }) => findNetwork(engine, name)));
  const labels = request.networks.map(({ name }) => name);
  try {
    const results = await withPluginLock(engine, async () => {
      engine.signal.throwIfAborted();
      try {
        const added = await addAll(engine, request, networks);
        await publish(engine, request);
        // Under the lock: healing must not take a live network for what an earlier run left.
        await forgetFailedDetach(engine, id);
        return added;
      } catch (error) {
        await detachLocked(forUndo(engine), id, labels, request.netnsPath);
        throw error;
      }
    });
    const meta = hostsMeta(engine, request, networks, results);
    await publishHosts(engine, meta);
    return results.map((result, i) => toEndpoint(meta, networks[i]!.name, result, `eth${i}`));
  } finally {
    await releasePorts(engine, id);
  }
}

async function publish(engine: Engine, { id, name, networks, portMappings }: AttachRequest): Promise<void> {
  if (!engine.rootless || portMappings.length === 0) return;
  const { publishPorts } = await import('./publish.ts');
  const endpoint = portsEndpoint(id, name, networks[0]?.name);
  await publishPorts(engine.rootless, cniId(engine, id), endpoint, portMappings);
}

async function addAll(engine: Engine, request: AttachRequest, networks: CniNetwork[]): Promise<CniResult[]> {
  const host = pluginHost(engine);
  const containerId = cniId(engine, request.id);
  const signal = afterAbort(engine.signal, pluginGrace);
  const results: CniResult[] = [];
  // One after the other: the first network's default route is the one that counts.
  for (const [i, { list }] of networks.entries()) {
    const ifName = `eth${i}`;
    if (readCache(list.name, containerId, ifName)) {
      await removeFromNetwork(host, list, { containerId, ifName, netns: request.netnsPath });
    }
    const endpoint = request.networks[i]!;
    const { args, capabilityArgs } = runtimeArgs(endpoint, list.plugins[0]?.capabilities?.ips === true);
    if (request.portMappings.length > 0) capabilityArgs.portMappings = request.portMappings.map(toCniPort);
    const attachment = { containerId, ifName, netns: request.netnsPath, args, capabilityArgs };
    results.push(
      await addToNetwork(host, list, attachment, signal).catch((error: unknown) => {
        throw inDockersWords(error, networks[i]!, endpoint);
      }),
    );
  }
  return results;
}

function runtimeArgs(
  { ip, ip6, mac }: EndpointRequest,
  takesIps: boolean,
): { args: [string, string][]; capabilityArgs: Record<string, unknown> } {
  const ips = [ip, ip6].flatMap((address) => (address ? [address] : []));
  const args: [string, string][] = commonArgs.map(([key, value]) => [key, value]);
  if (ips.length > 0 && !takesIps) args.push(['IP', ips.join(',')]);
  if (mac) args.push(['MAC', mac]);
  return { args, capabilityArgs: ips.length > 0 && takesIps ? { ips } : {} };
}

/** The portMappings capability: an address that stands for all is left out. */
function toCniPort({ HostPort, ContainerPort, Protocol, HostIP }: PortMapping) {
  return { hostPort: HostPort, containerPort: ContainerPort, protocol: Protocol, hostIP: HostIP };
}

function inDockersWords(error: unknown, { name, id }: CniNetwork, endpoint: EndpointRequest): unknown {
  const message = error instanceof Error ? error.message : '';
  const cause = { cause: error };
  if (/requested IP address .* is not available/.test(message)) {
    return new DockerError('conflict', 'Address already in use', cause);
  }
  if ((endpoint.ip || endpoint.ip6) && /(requested|given).* not.*(in|within).*(range|subnet)/i.test(message)) {
    return new DockerError('invalid', `no configured subnet contains IP address ${endpoint.ip ?? endpoint.ip6}`, cause);
  }
  if (/no IP addresses available in range set/.test(message)) {
    const text = `no available IPv4 addresses on this network's address pools: ${name} (${id})`;
    return new DockerError('system', text, cause);
  }
  return error;
}

function hostsMeta(
  engine: Engine,
  request: AttachRequest,
  networks: readonly CniNetwork[],
  results: readonly CniResult[],
): HostsMeta {
  const aliases = request.networks.flatMap(({ name, aliases }) => (aliases.length > 0 ? [[name, aliases]] : []));
  return {
    ID: request.id,
    Networks: Object.fromEntries(networks.map(({ name }, i) => [name, results[i] ?? null])),
    Hostname: request.hostname,
    ExtraHosts: extraHostsMap(request.extraHosts, hostGateway(engine, networks[0])),
    Name: request.name,
    Domainname: request.domainname,
    ...(aliases.length > 0 ? { Aliases: Object.fromEntries(aliases) } : {}),
  };
}
