import type { PortMapping } from '../api.ts';
import { invalid } from '../errors.ts';
import { isIp, isIpv4 } from '../values/ip.ts';
import { parseCsvLine } from './csv.ts';

/** One side of `HostConfig.PortBindings`: HostPort may be empty (any free port) or a range (`8000-8010`: one of them). */
export interface PortBinding {
  HostIp: string;
  HostPort: string;
}

/** `Config.ExposedPorts` and `HostConfig.PortBindings`, keyed `80/tcp`. */
export interface PortSpecs {
  ExposedPorts: Record<string, Record<string, never>>;
  PortBindings: Record<string, PortBinding[]>;
}

interface Range {
  start: number;
  end: number;
}

/**
 * The values of -p/--publish: `[[ip:][host]:]container[/proto]` with ranges, or the long form `published=80,target=80,protocol=tcp`.
 * Grammar and sentences of docker/go-connections nat.
 * @throws DockerError `invalid`
 */
export function parsePublish(values: readonly string[]): PortSpecs {
  const specs: PortSpecs = { ExposedPorts: {}, PortBindings: {} };
  for (const value of values) {
    for (const [port, binding] of parsePublishOne(value.includes('=') ? fromLongForm(value) : value)) {
      specs.ExposedPorts[port] = {};
      specs.PortBindings[port] ??= [];
      specs.PortBindings[port].push(binding);
    }
  }
  return specs;
}

function parsePublishOne(value: string): [port: string, binding: PortBinding][] {
  const [rest, protoText] = splitProtocol(value);
  const { ip, host, container } = splitParts(rest);
  const HostIp = ip.startsWith('[') && ip.endsWith(']') ? ip.slice(1, -1) : ip;
  if (ip.startsWith('[') && !ip.endsWith(']'))
    throw invalid(`invalid IP address ${ip}: address ${ip}:: missing ']' in address`);
  if (HostIp !== '' && !isIp(HostIp)) throw invalid(`invalid IP address: ${ip}`);
  if (container === '') throw invalid(`no port specified: ${value}<empty>`);
  const target = parseRange(container);
  if (!target) throw invalid(`invalid containerPort: ${container}`);
  const source = host === '' ? undefined : parseRange(host);
  if (host !== '' && !source) throw invalid(`invalid hostPort: ${host}`);
  const proto = protoText.toLowerCase();
  if (!['tcp', 'udp', 'sctp'].includes(proto)) throw invalid(`invalid proto: ${protoText}`);

  const many = target.end - target.start;
  if (source && source.end - source.start !== many && many !== 0) {
    throw invalid(`invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  const oneOfRange = source !== undefined && many === 0 && source.start !== source.end;
  return Array.from({ length: many + 1 }, (_, i) => {
    const HostPort = !source ? '' : oneOfRange ? `${source.start}-${source.end}` : String(source.start + i);
    return [`${target.start + i}/${proto}`, { HostIp, HostPort }];
  });
}

function splitProtocol(value: string): [rest: string, protocol: string] {
  const slash = value.indexOf('/');
  if (slash < 0) return [value, 'tcp'];
  return [value.slice(0, slash), value.slice(slash + 1) || 'tcp'];
}

function splitParts(text: string): { ip: string; host: string; container: string } {
  const parts = text.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  return { ip: parts.join(':'), host, container };
}

function parseRange(text: string): Range | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] === undefined ? start : Number(match[2]);
  return end < start || end > 65535 ? undefined : { start, end };
}

function fromLongForm(value: string): string {
  let published = '';
  let target = '';
  let protocol = 'tcp';
  for (const field of parseCsvLine(value)) {
    const equals = field.indexOf('=');
    if (equals < 0) throw invalid(`invalid publish opts format (should be name=value but got '${field}')`);
    const key = field.slice(0, equals).toLowerCase();
    const text = field.slice(equals + 1).toLowerCase();
    if (key === 'protocol') protocol = text;
    else if (key === 'published') published = text;
    else if (key === 'target') target = text;
  }
  return `${published}:${target}/${protocol}`;
}

/**
 * The values of --expose: a port or a range, with a protocol. Keys as in `Config.ExposedPorts`.
 * @throws DockerError `invalid`
 */
export function parseExpose(values: readonly string[]): Record<string, Record<string, never>> {
  const ports: Record<string, Record<string, never>> = {};
  for (const value of values) {
    if (value.includes(':')) throw invalid(`invalid port format for --expose: ${value}`);
    const [text, proto] = splitProtocol(value);
    const range = parseRange(text);
    if (!range) throw invalid(`invalid range format for --expose: ${value}, error: ${rangeError(text)}`);
    for (let port = range.start; port <= range.end; port++) ports[`${port}/${proto}`] = {};
  }
  return ports;
}

function rangeError(text: string): string {
  if (text === '') return 'empty string specified for ports';
  for (const part of text.split('-', 2)) {
    if (!/^\d+$/.test(part)) return `strconv.ParseUint: parsing "${part}": invalid syntax`;
    if (Number(part) > 65535) return `strconv.ParseUint: parsing "${part}": value out of range`;
  }
  return `invalid range specified for port: ${text}`;
}

/** Splits a port key such as `80/tcp`; without a protocol it is tcp. */
export function splitPortKey(key: string): { port: number; proto: string } {
  const [port = '', proto = 'tcp'] = key.split('/');
  return { port: Number(port), proto };
}

/**
 * Bindings as CNI port mappings. Those without a fixed host port get one from `choose`, which is given the allowed range
 * (0-0: any port) and returns a free port.
 */
export function toPortMappings(
  bindings: Record<string, PortBinding[] | undefined>,
  choose: (wanted: { start: number; end: number; ip: string; proto: string }) => number,
): PortMapping[] {
  return Object.entries(bindings).flatMap(([key, list]) => {
    const { port, proto } = splitPortKey(key);
    return (list ?? []).map(({ HostIp, HostPort }) => {
      const range = parseRange(HostPort || '0');
      if (!range) throw invalid(`invalid hostPort: ${HostPort}`);
      const fixed = range.start === range.end && range.start !== 0;
      const hostPort = fixed ? range.start : choose({ ...range, ip: HostIp, proto });
      return { HostPort: hostPort, ContainerPort: port, Protocol: proto, HostIP: HostIp };
    });
  });
}

/** `[::1]:80` or `127.0.0.1:80`. */
export function joinHostPort(ip: string, port: number | string): string {
  return ip !== '' && !isIpv4(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}
