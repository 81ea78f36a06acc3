import { BlockList, isIP } from 'node:net';
import { DockerError } from '../docker/errors.ts';

export interface ProxyAddress {
  /** Its own scheme, host and port; no credentials. */
  url: URL;
  /** `Proxy-Authorization`, from the user and password of its address. */
  authorization?: string;
}

const ports: Record<string, string> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy for an address by http_proxy, https_proxy and no_proxy in either case, as Go programs (docker, containerd)
 * read them: the machine itself is never asked through one.
 * @throws DockerError invalid for a proxy that cannot be used, without its credentials
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): ProxyAddress | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()];
  if (!value || isDirect(url, env.NO_PROXY || env.no_proxy || '')) return undefined;
  let proxy: URL | undefined;
  try {
    proxy = new URL(value.includes('://') ? value : `http://${value}`);
  } catch {}
  if (!proxy || !/^https?:$/.test(proxy.protocol)) {
    throw new DockerError('invalid', `the proxy in the environment variable ${name} is no http or https address`);
  }
  const { username, password } = proxy;
  const plain = new URL(`${proxy.protocol}//${proxy.host}`);
  if (username === '') return { url: plain };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: plain, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Whether `no_proxy` names the host: `*`, addresses, CIDR blocks, domains with what is below them; with or without a port. */
function isDirect(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (ports[url.protocol] ?? '');
  const family = isIP(host);
  if (host === 'localhost' || host === '::1' || (family === 4 && host.startsWith('127.'))) return true;
  return noProxy.split(',').some((entry) => {
    const item = entry.trim().toLowerCase();
    if (item === '' || item === '*') return item === '*';
    if (item.includes('/')) return family !== 0 && inBlock(host, item);
    const [, name = '', itsPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(item) === 6 ? `[${item}]` : item) ?? [];
    if (itsPort !== undefined && itsPort !== port) return false;
    const bare = name.replace(/^\[|\]$/g, '');
    if (isIP(bare) !== 0) return bare === host;
    const suffix = bare.replace(/^\*/, '');
    return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
  });
}

function inBlock(host: string, block: string): boolean {
  const [network = '', bits = ''] = block.split('/');
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !/^\d+$/.test(bits)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(bits), type);
  } catch {
    return false;
  }
  return list.check(host, type);
}
