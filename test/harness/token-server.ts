import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenServer {
  realm: string;
  /** What it was asked, without secrets: method, scope and the user it knew. */
  asked: string[];
  close(): void;
}

/**
 * A token server of distribution's specification for testuser with password testpass, who may do everything; others
 * may pull. GET with Basic; POST with a refresh token, which it gives to who asks for offline access.
 * @param key signs the tokens; PEM files
 */
export async function startTokenServer(files: { key: string; certificate: string; service: string; issuer: string }) {
  const key = createPrivateKey(readFileSync(files.key));
  const chain = [readFileSync(files.certificate, 'utf8').replace(/-----[^-]+-----|\s/g, '')];
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const refreshTokens = new Map<string, string>();
  const asked: string[] = [];

  function token(user: string, scopes: string[]): string {
    const access = scopes.map((scope) => {
      const [, type = '', name = '', actions = ''] = /^([^:]+):(.*):([^:]*)$/.exec(scope) ?? [];
      return { type, name, actions: actions.split(',').filter((action) => user !== '' || action === 'pull') };
    });
    const now = Math.floor(Date.now() / 1000);
    const times = { exp: now + 300, nbf: now - 10, iat: now, jti: randomUUID() };
    const claims = { iss: files.issuer, aud: files.service, sub: user, ...times, access };
    const text = `${part({ typ: 'JWT', alg: 'RS256', x5c: chain })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '', 'http://token');
    const parameters = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
    const pair = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    let user = refreshTokens.get(parameters.get('refresh_token') ?? '') ?? '';
    if (pair === 'testuser:testpass') user = 'testuser';
    else if (pair !== '') return void response.writeHead(401).end();
    const scopes = parameters.getAll('scope').flatMap((scope) => scope.split(' ').filter(Boolean));
    asked.push(`${request.method} ${scopes.join(' ')} ${user}`);
    const reply: Record<string, string> = { token: token(user, scopes) };
    if (user !== '' && parameters.get('offline_token') === 'true') {
      reply.refresh_token = randomUUID();
      refreshTokens.set(reply.refresh_token, user);
    }
    response.end(JSON.stringify(reply));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started: TokenServer = {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return started;
}
