import { readFileSync } from 'node:fs';
import { parseIp } from '../../cni/cidr.ts';

export interface DnsSettings {
  servers: readonly string[];
  /** A single `.` means none. */
  search: readonly string[];
  options: readonly string[];
}

const fallbackServers = ['8.8.8.8', '8.8.4.4'];
const fallbackServers6 = ['2001:4860:4860::8888', '2001:4860:4860::8844'];

/** The host's resolv.conf; systemd-resolved's stub is of no use elsewhere, its own list of servers is. */
export function hostResolvConf(etc = '/etc/resolv.conf', resolved = '/run/systemd/resolve/resolv.conf'): string {
  const text = read(etc) ?? '';
  const servers = parse(text).servers;
  if (servers.length > 0 && servers.every((server) => server === '127.0.0.53')) return read(resolved) ?? text;
  return text;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

interface ResolvConf {
  servers: string[];
  search: string[];
  options: string[];
}

/** resolv.conf(5): the last `search` or `domain` counts, options add up. */
function parse(text: string): ResolvConf {
  const conf: ResolvConf = { servers: [], search: [], options: [] };
  for (const line of text.split('\n')) {
    const [key, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (key === 'nameserver' && values[0]) conf.servers.push(values[0]);
    else if (key === 'search' || key === 'domain') conf.search = values;
    else if (key === 'options') conf.options.push(...values);
  }
  return conf;
}

/**
 * A container's resolv.conf.
 * @param ownNamespace the container has a network namespace of its own, where the host's loopback is out of reach
 * @param ipv6 it has IPv6, so that IPv6 servers and fallbacks make sense
 */
export function containerResolvConf(
  host: string,
  dns: DnsSettings,
  { ownNamespace, ipv6 }: { ownNamespace: boolean; ipv6: boolean },
): string {
  const overridden = dns.servers.length > 0 || dns.search.length > 0 || dns.options.length > 0;
  if (!ownNamespace && !overridden) return host;
  const conf = parse(host);
  const usable = conf.servers.filter(
    (server) => !ownNamespace || (!isLoopback(server) && (ipv6 || !isLinkLocal(server))),
  );
  const fallback = ipv6 ? [...fallbackServers, ...fallbackServers6] : fallbackServers;
  const servers = dns.servers.length > 0 ? dns.servers : usable.length > 0 || !ownNamespace ? usable : fallback;
  const search = dns.search.length > 0 ? dns.search.filter((domain) => domain !== '.') : conf.search;
  const options = dns.options.length > 0 ? dns.options : conf.options;
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
}

function isLoopback(server: string): boolean {
  return server.startsWith('127.') || parseIp(server.split('%')[0] ?? '')?.value === 1n;
}

/** Bound to an interface of the host. */
function isLinkLocal(server: string): boolean {
  return /^fe[89ab]/i.test(server) || server.includes('%');
}
