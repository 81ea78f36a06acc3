import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rangesOf } from '../../cni/conflist.ts';
import { DockerError } from '../../docker/errors.ts';
import { writeInPlace } from '../../host/files.ts';
import { stateDirOf } from '../container/container-dir.ts';
import { findContainer } from '../container/find.ts';
import { findTask, isAlive } from '../container/task.ts';
import type { Engine } from '../engine.ts';
import { hostGateway } from './gateway.ts';
import { createHosts, hostsPath } from './hosts.ts';
import { extraHostsMap, type HostsMeta } from './hosts-file.ts';
import { type NetworkPlan, planOfLabels } from './mode.ts';
import { findNetwork } from './networks.ts';
import { containerResolvConf, type DnsSettings, hostResolvConf } from './resolv-conf.ts';

/** Host paths of what is bound on /etc/hosts, /etc/resolv.conf and /etc/hostname. */
export interface NetworkFiles {
  hosts: string;
  resolvConf: string;
  hostname: string;
}

export interface NetworkFilesRequest {
  id: string;
  name: string;
  stateDir: string;
  plan: NetworkPlan;
  hostname: string;
  domainname: string;
  dns: DnsSettings;
  /** `name:address`, `host-gateway` among the addresses. */
  extraHosts: readonly string[];
}

/**
 * Writes the files that a container mounts; those of the joined container with `container:`. Done again at a start, it
 * keeps the inodes and what the user has added to hosts.
 */
export async function writeNetworkFiles(engine: Engine, request: NetworkFilesRequest): Promise<NetworkFiles> {
  const { plan, stateDir, id } = request;
  if (plan.kind === 'container') return joinedFiles(engine, plan.id);
  const files = {
    hosts: hostsPath(engine, id),
    resolvConf: join(stateDir, 'resolv.conf'),
    hostname: join(stateDir, 'hostname'),
  };
  const [first] = plan.kind === 'cni' ? plan.endpoints : [];
  const network = first && (await findNetwork(engine, first.name));
  const meta: HostsMeta = {
    ID: id,
    Networks: {},
    Hostname: request.hostname,
    ExtraHosts: extraHostsMap(request.extraHosts, hostGateway(engine, network)),
    Name: request.name,
    Domainname: request.domainname,
  };
  const resolvConf = containerResolvConf(hostResolvConf(), withDefaults(engine, request.dns), {
    ownNamespace: plan.kind !== 'host',
    ipv6: network ? rangesOf(network.list).some(({ subnet }) => subnet.includes(':')) : false,
  });
  await Promise.all([
    createHosts(engine, meta, plan.kind === 'host' ? hostHosts() : ''),
    writeInPlace(files.resolvConf, resolvConf),
    writeInPlace(files.hostname, `${request.hostname}\n`),
  ]);
  return files;
}

/** nerdctl.toml's dns, dns_search and dns_opts stand in for flags that are not given. */
function withDefaults({ settings }: Engine, dns: DnsSettings): DnsSettings {
  return {
    servers: dns.servers.length > 0 ? dns.servers : settings.dns,
    search: dns.search.length > 0 ? dns.search : settings.dnsSearch,
    options: dns.options.length > 0 ? dns.options : settings.dnsOpts,
  };
}

function hostHosts(): string {
  try {
    return readFileSync('/etc/hosts', 'utf8');
  } catch {
    return '';
  }
}

/** The files of the container at the end of a chain of `container:` modes. */
async function joinedFiles(engine: Engine, id: string): Promise<NetworkFiles> {
  const seen = new Set<string>();
  let container = await findContainer(engine, id);
  for (;;) {
    const plan = planOfLabels(container.labels);
    if (plan.kind !== 'container' || seen.has(container.id)) break;
    seen.add(container.id);
    container = await findContainer(engine, plan.id);
  }
  const stateDir = stateDirOf(engine, container);
  return {
    hosts: hostsPath(engine, container.id),
    resolvConf: join(stateDir, 'resolv.conf'),
    hostname: join(stateDir, 'hostname'),
  };
}

/**
 * The network namespace of a running container, for `--network container:X`.
 * @throws DockerError `cannot join network of a non running container: ID`
 */
export async function joinedNetns(engine: Engine, id: string): Promise<string> {
  const container = await findContainer(engine, id);
  const task = await findTask(engine, container.id);
  if (!isAlive(task)) {
    throw new DockerError('conflict', `cannot join network of a non running container: ${container.id}`);
  }
  return `/proc/${task.pid}/ns/net`;
}
