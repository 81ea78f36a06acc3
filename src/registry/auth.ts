import { DockerError } from '../docker/errors.ts';
import type { Credential, CredentialSource } from './credentials.ts';
import { type HttpClient, type HttpResponse, readBody, responseError } from './http.ts';

/** A `WWW-Authenticate` header (RFC 9110, RFC 6750). */
export interface Challenge {
  /** Lower case. */
  scheme: string;
  parameters: Record<string, string>;
}

export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: Challenge[] = [];
  const token = /\s*,?\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/y;
  const text = header ?? '';
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [, name = '', quoted, bare] = match;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else challenges.at(-1)!.parameters[name.toLowerCase()] = value;
    if (challenges.length === 0) break;
  }
  return challenges;
}

/** Says what to send to one host, and learns from its challenges. */
export interface Authorizer {
  /** The `Authorization` header for a scope, if one is known. */
  header(scope: string): Promise<string | undefined>;
  /** Reacts to a 401. @returns false when there is nothing (else) to try */
  challenged(response: HttpResponse, scope: string, used: string | undefined, signal: AbortSignal): Promise<boolean>;
}

const tokenLimit = 1 << 20;

/**
 * Basic and Bearer, by the "Token Authentication Specification" of distribution; anonymous without credentials.
 * @param domain whose credentials are used: the registry's own, not the one that a mirror stands for
 */
export function authorizer(client: HttpClient, domain: string, credentials: CredentialSource): Authorizer {
  let credential: Promise<Credential | undefined> | undefined;
  let basic: string | undefined;
  // Parallel requests share one token.
  const tokens = new Map<string, Promise<string>>();
  const lookup = (): Promise<Credential | undefined> => {
    credential ??= credentials(domain);
    return credential;
  };

  return {
    async header(scope) {
      const token = tokens.get(scope);
      return token ? `Bearer ${await token}` : basic;
    },
    async challenged(response, scope, used, signal) {
      const challenges = parseChallenges(response.headers['www-authenticate']);
      const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm);
      if (bearer) {
        const known = tokens.get(scope);
        // Somebody else has fetched one since this request was made.
        if (known && `Bearer ${await known}` !== used) return true;
        if (used?.startsWith('Bearer ')) return false;
        const fetching = fetchToken(client, bearer.parameters, scope, await lookup(), response.url, signal);
        tokens.set(scope, fetching);
        fetching.catch(() => tokens.delete(scope));
        await fetching;
        return true;
      }
      if (!challenges.some(({ scheme }) => scheme === 'basic') || used !== undefined) return false;
      const found = await lookup();
      if (!found?.username) return false;
      basic = basicHeader(found);
      return true;
    },
  };
}

const basicHeader = ({ username, password }: Credential): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

async function fetchToken(
  client: HttpClient,
  parameters: Record<string, string>,
  scope: string,
  credential: Credential | undefined,
  challengedBy: string,
  signal: AbortSignal,
): Promise<string> {
  if (credential?.registryToken) return credential.registryToken;
  const realm = tokenServer(parameters.realm!, challengedBy);
  const service = parameters.service ?? '';
  const scopes = parameters.scope || scope;
  let response: HttpResponse;
  if (credential?.identityToken) {
    const form = new URLSearchParams({ grant_type: 'refresh_token', service, scope: scopes, client_id: 'nerdctl' });
    form.set('refresh_token', credential.identityToken);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    response = await client.send({ method: 'POST', url: realm.href, headers, body: form.toString(), signal });
  } else {
    if (service !== '') realm.searchParams.set('service', service);
    for (const each of scopes.split(' ')) realm.searchParams.append('scope', each);
    const headers: Record<string, string> = credential?.username ? { authorization: basicHeader(credential) } : {};
    response = await sendWithSecret(client, realm, headers, signal);
  }
  if (response.status === 401 && credential) {
    response.body.destroy();
    throw new DockerError('unauthorized', 'unauthorized: incorrect username or password');
  }
  if (response.status !== 200) throw await responseError(response);
  return tokenIn(await readBody(response, tokenLimit), realm);
}

/** The realm may be another origin, to which redirects would not carry credentials; it was named by the registry. */
function sendWithSecret(
  client: HttpClient,
  realm: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return client.send({ method: 'GET', url: realm.href, headers, signal, trustedOrigin: realm.origin });
}

function tokenServer(realm: string, challengedBy: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(realm, challengedBy);
  } catch {}
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new DockerError('system', 'the registry names a token server that cannot be used');
  }
  if (url.protocol === 'http:' && challengedBy.startsWith('https:')) {
    throw new DockerError('system', `the registry wants credentials sent in the clear to ${url.host}: refused`);
  }
  return url;
}

function tokenIn(bytes: Buffer, realm: URL): string {
  let reply: { token?: unknown; access_token?: unknown } = {};
  try {
    reply = JSON.parse(bytes.toString()) as typeof reply;
  } catch {}
  const token = reply.token || reply.access_token;
  if (typeof token !== 'string')
    throw new DockerError('system', `the token server ${realm.host} answered without a token`);
  return token;
}
