import { BlockList, isIP, type LookupFunction } from 'node:net';
import { DockerError } from '../docker/errors.ts';

export interface ProxyAddress {
  /** Its own scheme (http, https or socks5), host and port; no credentials. */
  url: URL;
  /** `Proxy-Authorization`, from the user and password of its address. */
  authorization?: string;
  username?: string;
  password?: string;
  /** See `nameLookup`. */
  lookup?: LookupFunction;
}

const ports: Record<string, string> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy for an address by http_proxy, https_proxy and no_proxy in either case, as Go programs (docker, containerd)
 * read them: the machine itself is never asked through one. Where there is none for the scheme, all_proxy.
 * @throws DockerError invalid for a proxy that cannot be used, without its credentials
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): ProxyAddress | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const found = [name, name.toLowerCase(), 'ALL_PROXY', 'all_proxy'].find((each) => env[each]);
  const value = found === undefined ? undefined : env[found];
  if (!value || isDirect(url, env.NO_PROXY || env.no_proxy || '')) return undefined;
  let proxy: URL | undefined;
  let [username, password] = ['', ''];
  try {
    proxy = new URL(value.includes('://') ? value : `http://${value}`);
    [username, password] = [decodeURIComponent(proxy.username), decodeURIComponent(proxy.password)];
  } catch {
    proxy = undefined;
  }
  if (!proxy || !/^(https?|socks5h?):$/.test(proxy.protocol) || proxy.hostname === '') {
    throw new DockerError(
      'invalid',
      `the proxy in the environment variable ${found} is no http, https or socks5 address`,
    );
  }
  const plain = new URL(`${proxy.protocol.replace('socks5h', 'socks5')}//${proxy.host}`);
  if (username === '') return { url: plain };
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return { url: plain, authorization, username, password };
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
