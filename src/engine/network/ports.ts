import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { ForwardedPort } from '../../cni/iptables.ts';
import type { PortMapping } from '../../docker/api.ts';
import { DockerError } from '../../docker/errors.ts';
import { joinHostPort, type PortBinding, toPortMappings } from '../../docker/flags/ports.ts';
import { isIpv4 } from '../../docker/values/ip.ts';
import { ensureDir, removeFile, writeFileAtomic } from '../../host/files.ts';
import { hostPorts, type Listener } from '../../host/ports.ts';
import { isAlive, processStat } from '../../host/proc.ts';
import type { Engine } from '../engine.ts';
import { cniId, pluginHost, withLock } from './context.ts';
import { endpointId } from './endpoint.ts';

/** Ports of the whole machine, so beside no data store; gone after a reboot, as the rules are. */
export const portReservations = '/run/nerdctl/ports';

/** Go nerdctl's range for ports that the user leaves open. */
const ephemeral = { start: 49153, end: 60999 };

interface Reservation {
  pid: number;
  startTime: number;
  mappings: PortMapping[];
}

/** What stands in the way of a port. */
export interface PortsInUse {
  forwarded: readonly Pick<ForwardedPort, 'protocol' | 'address' | 'first' | 'last'>[];
  listeners: readonly (Omit<Listener, 'protocol'> & { protocol: string })[];
}

export interface PortsRequest {
  id: string;
  name: string;
  /** The networks the container will be on: its own stale rules are no obstacle. */
  networks: readonly string[];
  /** `HostConfig.PortBindings`; with PublishAllPorts, the exposed ports with an empty binding each. */
  bindings: Readonly<Record<string, PortBinding[] | undefined>>;
}

/**
 * Chooses the host ports of a container and keeps them from others until its rules exist ({@link releasePorts}, which
 * attachNetworks calls) or this process ends.
 * @throws DockerError `system` in docker's words, when a port is taken
 */
export async function reservePorts(engine: Engine, request: PortsRequest): Promise<PortMapping[]> {
  if (Object.values(request.bindings).every((list) => !list?.length)) return [];
  await ensureDir(portReservations, 0o755);
  return withLock(engine, portReservations, async () => {
    const own = reservationName(engine, request.id);
    const ipv6 = Object.values(request.bindings).some((list) => list?.some(({ HostIp }) => HostIp.includes(':')));
    // In this order: a reservation goes when its rules exist.
    const reserved = await readReservations(own);
    const { portmapChain, readForwardedPorts } = await import('../../cni/iptables.ts');
    const chains = new Set(request.networks.map((network) => portmapChain(network, cniId(engine, request.id))));
    const rules = await readForwardedPorts(pluginHost(engine), ipv6);
    const inUse: PortsInUse = {
      forwarded: [...rules.filter(({ chain }) => !chains.has(chain)), ...reserved],
      listeners: hostPorts(),
    };
    const endpoint = portsEndpoint(request.id, request.name, request.networks[0]);
    const mappings = choosePorts(request.bindings, inUse, endpoint);
    const reservation: Reservation = {
      pid: process.pid,
      startTime: processStat(process.pid)?.startTime ?? 0,
      mappings,
    };
    await writeFileAtomic(join(portReservations, own), JSON.stringify(reservation));
    return mappings;
  });
}

/** Once the rules exist, or will not. */
export async function releasePorts(engine: Engine, id: string): Promise<void> {
  await removeFile(join(portReservations, reservationName(engine, id)));
}

function reservationName(engine: Engine, id: string): string {
  return cniId(engine, id);
}

/** The ports that live processes are about to publish. */
async function readReservations(except: string): Promise<ForwardedPort[]> {
  const names = readdirSync(portReservations).filter((name) => !name.startsWith('.') && name !== except);
  const lists = await Promise.all(
    names.map(async (name) => {
      const reservation = readReservation(join(portReservations, name));
      if (
        reservation &&
        isAlive(reservation.pid) &&
        processStat(reservation.pid)?.startTime === reservation.startTime
      ) {
        return reservation.mappings;
      }
      await removeFile(join(portReservations, name));
      return [];
    }),
  );
  return lists.flat().map(({ HostPort, HostIP, Protocol }) => ({
    protocol: Protocol,
    address: HostIP,
    first: HostPort,
    last: HostPort,
    chain: '',
  }));
}

function readReservation(path: string): Reservation | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Reservation;
  } catch {
    return undefined;
  }
}

/**
 * @param endpoint what docker calls the container in its sentence: `NAME (ID)`
 * @param firstTry where the search for open ports begins, below the size of the range
 */
export function choosePorts(
  bindings: Readonly<Record<string, PortBinding[] | undefined>>,
  inUse: PortsInUse,
  endpoint: string,
  firstTry = Math.floor(Math.random() * (ephemeral.end - ephemeral.start)),
): PortMapping[] {
  const chosen: PortsInUse['forwarded'][number][] = [];
  const all = (): PortsInUse => ({ ...inUse, forwarded: [...inUse.forwarded, ...chosen] });
  const fail = (sentence: string): never => {
    throw noPorts(endpoint, sentence);
  };
  const take = (protocol: string, ip: string, port: number): number => {
    chosen.push({ protocol, address: ip, first: port, last: port });
    return port;
  };
  // The fixed ones first: an open one must not take the port of a fixed one of the same container.
  for (const { HostPort, HostIP, Protocol } of toPortMappings(bindings, () => 0)) {
    if (HostIP && !isLocalAddress(HostIP)) {
      fail(
        `Error starting userland proxy: listen ${Protocol}${familyOf(HostIP)} ${joinHostPort(HostIP, HostPort)}: bind: cannot assign requested address`,
      );
    }
    if (HostPort === 0) continue;
    const obstacle = obstacleTo(Protocol, HostIP, HostPort, all());
    if (obstacle) fail(obstacle);
    take(Protocol, HostIP, HostPort);
  }
  const mappings = toPortMappings(bindings, ({ start, end, ip, proto }) => {
    const range = start === 0 ? ephemeral : { start, end };
    const size = range.end - range.start + 1;
    const offset = start === 0 ? firstTry : 0;
    for (let i = 0; i < size; i++) {
      const port = range.start + ((offset + i) % size);
      if (!obstacleTo(proto, ip, port, all())) return take(proto, ip, port);
    }
    return fail(start === 0 ? 'all ports are allocated' : (obstacleTo(proto, ip, range.end, all()) ?? ''));
  });
  return mappings.map((mapping) => ({ ...mapping, HostIP: mapping.HostIP || '0.0.0.0' }));
}

/** @param endpoint see {@link portsEndpoint} */
export function noPorts(endpoint: string, sentence: string, cause?: unknown): DockerError {
  const text = `driver failed programming external connectivity on endpoint ${endpoint}: ${sentence}`;
  return new DockerError('system', text, { cause });
}

/** What docker calls a container in sentences about its ports. */
export function portsEndpoint(id: string, name: string, network: string | undefined): string {
  return `${name} (${endpointId(id, network ?? '')})`;
}

/** Why a port cannot be had, in docker's words; undefined when it can. */
export function obstacleTo(protocol: string, ip: string, port: number, inUse: PortsInUse): string | undefined {
  const address = joinHostPort(ip || '0.0.0.0', port);
  const covers = (other: { protocol: string; address: string }) =>
    other.protocol === protocol && meet(ip, other.address);
  if (inUse.forwarded.some((rule) => covers(rule) && rule.first <= port && port <= rule.last)) {
    return `Bind for ${address} failed: port is already allocated`;
  }
  if (inUse.listeners.some((listener) => listener.port === port && covers(listener))) {
    return `Error starting userland proxy: listen ${protocol}${familyOf(ip)} ${address}: bind: address already in use`;
  }
  return undefined;
}

const familyOf = (ip: string): '4' | '6' => (ip === '' || isIpv4(ip) ? '4' : '6');

/** Whether two addresses to bind to exclude each other; `::` takes IPv4 too. */
function meet(a: string, b: string): boolean {
  const any = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::';
  if (any(a) && any(b)) return true;
  if (any(a) || any(b)) {
    const [wildcard, other] = any(a) ? [a, b] : [b, a];
    return wildcard !== '0.0.0.0' || isIpv4(other);
  }
  return a === b;
}

function isLocalAddress(ip: string): boolean {
  if (ip === '0.0.0.0' || ip === '::' || ip.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === ip));
}
