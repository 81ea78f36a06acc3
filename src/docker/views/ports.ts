import { joinHostPort, splitPortKey } from '../flags/ports.ts';
import { isIpv4 } from '../values/ip.ts';

/** An entry of `Ports` in the container list of Docker's API. PublicPort is missing for a port that is only exposed. */
export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

interface Group {
  first: number;
  last: number;
}

/** The PORTS column of ps: `0.0.0.0:80->80/tcp, 443/tcp`; runs of ports that map to themselves are joined to `80-82`. */
export function displayPorts(ports: readonly PortSummary[]): string {
  const groups = new Map<string, Group>();
  const mapped: string[] = [];
  const joined: string[] = [];
  for (const port of [...ports].sort(comparePorts)) {
    const { IP = '', PrivatePort, PublicPort = 0, Type } = port;
    if (PublicPort !== 0 && PublicPort !== PrivatePort) {
      mapped.push(`${joinHostPort(IP, PublicPort)}->${PrivatePort}/${Type}`);
      continue;
    }
    const key = PublicPort === 0 ? Type : `${IP}/${Type}`;
    const group = groups.get(key);
    if (group && PrivatePort === group.last + 1) group.last = PrivatePort;
    else {
      if (group) joined.push(formatGroup(key, group));
      groups.set(key, { first: PrivatePort, last: PrivatePort });
    }
  }
  for (const [key, group] of groups) joined.push(formatGroup(key, group));
  return [...joined, ...mapped].join(', ');
}

function formatGroup(key: string, { first, last }: Group): string {
  const slash = key.indexOf('/');
  const range = first === last ? String(first) : `${first}-${last}`;
  if (slash < 0) return `${range}/${key}`;
  return `${joinHostPort(key.slice(0, slash), range)}->${range}/${key.slice(slash + 1)}`;
}

function comparePorts(a: PortSummary, b: PortSummary): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    compare(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    compare(a.Type, b.Type)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `NetworkSettings.Ports`: null for a port that is exposed and not published. */
export type PortMap = Record<string, { HostIp: string; HostPort: string }[] | null>;

/** The lines of `docker port CONTAINER`: `80/tcp -> 0.0.0.0:8080`. */
export function portLines(ports: PortMap): string[] {
  return Object.entries(ports).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => `${port} -> ${joinHostPort(HostIp, HostPort)}`),
  );
}

/** The list's ports from those of inspect; IPv4 first. */
export function portSummaries(ports: PortMap): PortSummary[] {
  return Object.entries(ports).flatMap(([key, bindings]) => {
    const { port, proto } = splitPortKey(key);
    if (!bindings || bindings.length === 0) return [{ PrivatePort: port, Type: proto }];
    return [...bindings]
      .sort((a, b) => Number(isIpv4(b.HostIp)) - Number(isIpv4(a.HostIp)))
      .map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort: port, PublicPort: Number(HostPort), Type: proto }));
  });
}

/** `NetworkSettings.Ports` of a container from its CNI port mappings and the ports it exposes. */
export function portMap(
  mappings: readonly { HostPort: number; ContainerPort: number; Protocol: string; HostIP: string }[],
  exposed: Readonly<Record<string, unknown>> = {},
): PortMap {
  const entries: [string, PortMap[string]][] = Object.keys(exposed).map((key) => [key, null]);
  const map: PortMap = Object.fromEntries(entries);
  for (const { HostPort, ContainerPort, Protocol, HostIP } of mappings) {
    const key = `${ContainerPort}/${Protocol}`;
    map[key] = [...(map[key] ?? []), { HostIp: HostIP === '' ? '0.0.0.0' : HostIP, HostPort: String(HostPort) }];
  }
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compare(a, b)));
}
