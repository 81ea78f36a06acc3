import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { RegistryError } from './errors.ts';
import type { ProxyAddress } from './proxy.ts';
import { openSocks } from './socks.ts';

/** What node:https hands to an agent that is to connect. */
interface Target extends https.AgentOptions {
  host?: string;
  port?: number;
}
type Connected = (error: Error | null, socket?: Socket) => void;
type Open = (
  proxy: ProxyAddress,
  target: { host: string; port: number },
  options: { idleTimeout: number; signal: AbortSignal },
) => Promise<Socket>;

/** An agent whose connections go through a proxy, with TLS from end to end. */
export function tunnelAgent(proxy: ProxyAddress, options: https.AgentOptions, idleTimeout: number): https.Agent {
  const open = isSocks(proxy) ? openSocks : openTunnel;
  return through(new https.Agent(options), 443, open, proxy, idleTimeout, secured);
}

/** The same for plain HTTP through a SOCKS proxy; others take its requests as they are. */
export function socksAgent(proxy: ProxyAddress, options: http.AgentOptions, idleTimeout: number): http.Agent {
  return through(new http.Agent(options), 80, openSocks, proxy, idleTimeout, (socket) => socket);
}

export const isSocks = (proxy: ProxyAddress): boolean => proxy.url.protocol === 'socks5:';

function through<T extends http.Agent>(
  agent: T,
  defaultPort: number,
  open: Open,
  proxy: ProxyAddress,
  idleTimeout: number,
  wrap: (socket: Socket, target: Target) => Socket,
): T {
  // The agent knows a connection when the proxy has made it: until then it is for us to end it.
  const stop = new AbortController();
  const createConnection = (target: Target, done: Connected): undefined => {
    const { host = '', port = defaultPort } = target;
    open(proxy, { host, port: Number(port) }, { idleTimeout, signal: stop.signal }).then(
      (socket) => done(null, wrap(socket, target)),
      (error: Error) => done(error),
    );
  };
  const destroy = (): void => {
    stop.abort();
    Object.getPrototypeOf(agent).destroy.call(agent);
  };
  return Object.assign(agent, { createConnection, destroy });
}

function secured(socket: Socket, target: Target): Socket {
  const { secureContext, rejectUnauthorized, host = '' } = target;
  const servername = target.servername || (isIP(host) === 0 ? host : '');
  // Spreading what the agent was given would name the request's path as a socket to connect to.
  return connect({ socket, secureContext, rejectUnauthorized, host, servername });
}

/** By CONNECT: RFC 9110 section 9.3.6. */
function openTunnel(
  proxy: ProxyAddress,
  { host, port }: { host: string; port: number },
  { idleTimeout, signal }: { idleTimeout: number; signal: AbortSignal },
): Promise<Socket> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const request = (proxy.url.protocol === 'https:' ? https : http).request(proxy.url, {
    method: 'CONNECT',
    path: address,
    lookup: proxy.lookup,
    headers: { host: address, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
    agent: false,
    signal,
  });
  return new Promise((resolve, reject) => {
    request.setTimeout(idleTimeout, () =>
      request.destroy(new RegistryError(`the proxy ${proxy.url.host} does not answer`)),
    );
    request.on('error', reject);
    const refused = ({ statusCode = 0 }: http.IncomingMessage, socket: Socket) => {
      socket.destroy();
      const words = `${statusCode} ${http.STATUS_CODES[statusCode] ?? ''}`.trimEnd();
      reject(
        new RegistryError(`the proxy ${proxy.url.host} does not connect to ${address}: ${words}`, {
          temporary: statusCode >= 500,
        }),
      );
    };
    request.on('response', (response) => refused(response, response.socket));
    request.on('connect', (response, socket: Socket, head: Buffer) => {
      if (response.statusCode !== 200) return refused(response, socket);
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}
