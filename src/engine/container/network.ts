import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PortMapping } from '../../docker/api.ts';
import { isDockerError } from '../../docker/errors.ts';
import type { PortBinding } from '../../docker/flags/ports.ts';
import { writeFileAtomic } from '../../host/files.ts';
import type { Container } from '../../runtime/containers.ts';
import type { HostConfig, NamespaceChoice } from '../../runtime/spec/input.ts';
import { namespaceOf } from '../../runtime/spec/namespaces.ts';
import type { Engine } from '../engine.ts';
import { attachNetworks } from '../network/attach.ts';
import { readEndpoints } from '../network/endpoint.ts';
import { readHostsMeta } from '../network/hosts.ts';
import { type EndpointRequest, type NetworkPlan, planOfLabels } from '../network/mode.ts';
import { reservePorts } from '../network/ports.ts';
import { nameOf, netnsPath, stateDirOf } from './container-dir.ts';
import { readDockerRecord } from './docker-record.ts';
import type { ContainerDraft } from './draft.ts';
import { jsonLabel, label } from './labels.ts';
import { runningTarget } from './namespaces.ts';
import { publishedPorts } from './ports.ts';
import type { Lifecycle } from './state.ts';

/** Which networks a container is on: as it was asked for, or for Go nerdctl's containers as the labels tell. */
export function networkPlanOf(engine: Engine, container: Container): NetworkPlan {
  return readDockerRecord(stateDirOf(engine, container))?.Network ?? planOfLabels(container.labels);
}

/** The network namespace of the spec. The container whose network is shared must run. */
export async function networkNamespace(engine: Engine, id: string, plan: NetworkPlan): Promise<NamespaceChoice> {
  switch (plan.kind) {
    case 'host':
      // A containerd outside of the users' network would give the container the machine's.
      return engine.rootless?.detached ? { path: engine.rootless.netns } : 'host';
    case 'none':
      return 'private';
    case 'ns':
      return { path: plan.path };
    case 'cni':
      return { path: netnsPath(id) };
    case 'container': {
      const { pid } = await runningTarget(engine, plan.id, 'network');
      return existsSync(netnsPath(plan.id)) ? { path: netnsPath(plan.id) } : namespaceOf(pid, 'net');
    }
  }
}

/** Before the task is made: the namespace that it joins. One that a crashed run has left is used again. */
export async function makeNetns(engine: Engine, id: string, plan: NetworkPlan): Promise<void> {
  const path = netnsPath(id);
  if (plan.kind === 'cni' && !existsSync(path)) await engine.host.createNetns(path);
}

/**
 * Before the task is started: addresses, ports, names. A crash-restart finds its network as it was.
 * @param earlier addresses to have again, where they are still free
 */
export async function joinNetwork(
  engine: Engine,
  container: Container,
  plan: NetworkPlan,
  earlier: Lifecycle['addresses'] = {},
): Promise<void> {
  if (plan.kind !== 'cni' || readHostsMeta(engine, container.id)) return;
  const portMappings = await choosePorts(engine, container, plan);
  const attach = (networks: EndpointRequest[]) =>
    attachNetworks(engine, {
      id: container.id,
      name: nameOf(container),
      hostname: container.labels[label.hostname] ?? '',
      domainname: container.labels[label.domainname] ?? '',
      netnsPath: netnsPath(container.id),
      networks,
      portMappings,
      extraHosts: jsonLabel<string[]>(container.labels, label.extraHosts) ?? [],
    });
  const again = plan.endpoints.map((each) => (each.ip || each.ip6 ? each : { ...each, ...earlier[each.name] }));
  try {
    await attach(again);
  } catch (error) {
    const isTaken = isDockerError(error, 'conflict') || isDockerError(error, 'invalid');
    if (!isTaken || JSON.stringify(again) === JSON.stringify(plan.endpoints)) throw error;
    await attach(plan.endpoints);
  }
}

/** The addresses that a container has now, by network. */
export function currentAddresses(engine: Engine, id: string): Lifecycle['addresses'] {
  return Object.fromEntries(
    readEndpoints(engine, id).map(({ network, ip, ip6 }) => [network, { ...(ip && { ip }), ...(ip6 && { ip6 }) }]),
  );
}

/** The same for a container that is still being made. */
export async function joinNetworkEarly(
  engine: Engine,
  draft: ContainerDraft,
  portMappings: PortMapping[],
): Promise<void> {
  const { id, name, config, hostConfig, network } = draft;
  if (network.kind !== 'cni') return;
  await attachNetworks(engine, {
    id,
    name,
    hostname: config.Hostname,
    domainname: config.Domainname,
    netnsPath: netnsPath(id),
    networks: network.endpoints,
    portMappings,
    extraHosts: hostConfig.ExtraHosts ?? [],
  });
}

/** Docker chooses open ports anew at each start; what others read is written where it has changed. */
async function choosePorts(engine: Engine, container: Container, plan: NetworkPlan): Promise<PortMapping[]> {
  const stateDir = stateDirOf(engine, container);
  const record = readDockerRecord(stateDir);
  const before = publishedPorts(engine, container);
  const bindings = record ? wantedPorts(record.HostConfig, record.Config.ExposedPorts) : fixedBindings(before);
  const mappings = await reserveFor(engine, container.id, nameOf(container), plan, bindings);
  if (JSON.stringify(mappings) === JSON.stringify(before)) return mappings;
  const text = JSON.stringify(mappings);
  container.labels[label.ports] = text;
  await Promise.all([
    writeNetworkConfig(stateDir, mappings),
    engine.containerd.containers.update({ id: container.id, labels: { [label.ports]: text } }, [
      `labels.${label.ports}`,
    ]),
  ]);
  return mappings;
}

export async function reserveFor(
  engine: Engine,
  id: string,
  name: string,
  plan: NetworkPlan,
  bindings: Record<string, PortBinding[] | undefined>,
): Promise<PortMapping[]> {
  if (plan.kind !== 'cni') return [];
  const reserve = () =>
    reservePorts(engine, { id, name, networks: plan.endpoints.map((endpoint) => endpoint.name), bindings });
  try {
    return await reserve();
  } catch (error) {
    if (!isDockerError(error, 'system')) throw error;
    const { releaseDeadPorts } = await import('./dead-ports.ts');
    await releaseDeadPorts(engine, bindings);
    return reserve();
  }
}

/** `network-config.json`: the ports as Go nerdctl reads them. */
export async function writeNetworkConfig(stateDir: string, portMappings: PortMapping[]): Promise<void> {
  await writeFileAtomic(join(stateDir, 'network-config.json'), JSON.stringify({ portMappings }));
}

/** -p, and with -P every exposed port that -p leaves out. */
export function wantedPorts(
  hostConfig: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>,
  exposed: Record<string, object> | undefined,
): Record<string, PortBinding[]> {
  const bindings = { ...(hostConfig.PortBindings as Record<string, PortBinding[]> | undefined) };
  if (!hostConfig.PublishAllPorts) return bindings;
  for (const port of Object.keys(exposed ?? {})) bindings[port] ??= [{ HostIp: '', HostPort: '' }];
  return bindings;
}

function fixedBindings(mappings: PortMapping[]): Record<string, PortBinding[]> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const { ContainerPort, Protocol, HostIP, HostPort } of mappings) {
    const key = `${ContainerPort}/${Protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: HostIP, HostPort: String(HostPort) }];
  }
  return bindings;
}
