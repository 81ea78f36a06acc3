import http from 'node:http';
import https from 'node:https';
import { nameLookup } from '../host/lookup.ts';
import type { RegistryHost } from './hosts.ts';
import { type ProxyAddress, proxyFor } from './proxy.ts';
import { tlsOptions } from './tls.ts';
import { isSocks, socksAgent, tunnelAgent } from './tunnel.ts';

export interface Outgoing {
  method: string;
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** The connections to one host and to where it redirects to, through proxies where the environment names them. */
export interface Transport {
  /**
   * Begins a request.
   * @param own whether it is for the host itself
   * @returns also whom it goes to, for messages
   */
  begin(url: URL, own: boolean, outgoing: Outgoing): { message: http.ClientRequest; where: string };
  close(): void;
}

/** node:http and node:https with agents of their own, because Bun's undici ignores certificates. */
export function openTransport(host: RegistryHost, idleTimeout: number, env: NodeJS.ProcessEnv): Transport {
  const agents = new Map<string, http.Agent>();
  const lookup = nameLookup(env);
  const limits = { keepAlive: true, maxSockets: 8, lookup };

  function agentFor(url: URL, own: boolean, proxy: ProxyAddress | undefined): http.Agent {
    const plain = url.protocol === 'http:';
    const key = plain ? `http ${proxy?.url.href}` : `https ${own} ${proxy?.url.href}`;
    const known = agents.get(key);
    if (known) return known;
    let agent: http.Agent;
    if (plain && proxy && isSocks(proxy)) agent = socksAgent(proxy, limits, idleTimeout);
    else if (plain) agent = proxy?.url.protocol === 'https:' ? new https.Agent(limits) : new http.Agent(limits);
    else {
      const options = { ...limits, ...tlsOptions(host, own) };
      agent = proxy ? tunnelAgent(proxy, options, idleTimeout) : new https.Agent(options);
    }
    agents.set(key, agent);
    return agent;
  }

  return {
    begin(url, own, outgoing) {
      const found = proxyFor(url, env);
      const proxy = found && { ...found, lookup };
      const agent = agentFor(url, own, proxy);
      const where = `${url.protocol}//${url.host}${proxy ? ` through the proxy ${proxy.url.host}` : ''}`;
      if (url.protocol === 'https:') return { message: https.request(url, { ...outgoing, agent }), where };
      if (!proxy || isSocks(proxy)) return { message: http.request(url, { ...outgoing, agent }), where };
      const { username, password, origin, pathname, search } = url;
      // Node makes a header of them by itself only where it connects to the address.
      const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      const headers = {
        ...(username && { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
        ...outgoing.headers,
        host: url.host,
        ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }),
      };
      const { request } = proxy.url.protocol === 'https:' ? https : http;
      return {
        message: request(proxy.url, { ...outgoing, headers, path: `${origin}${pathname}${search}`, agent }),
        where,
      };
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
