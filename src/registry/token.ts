import { DockerError } from '../docker/errors.ts';
import type { Credential } from './credentials.ts';
import { type HttpClient, type HttpResponse, readBody, responseError } from './http.ts';

const tokenLimit = 1 << 20;
/** As in docker: some token servers keep a list of clients. */
const clientId = 'docker';

export interface TokenRequest {
  /** Parameters of the Bearer challenge; there is a `realm`. */
  parameters: Record<string, string>;
  /** Empty at login: a token for nothing but to see that the credential is good. */
  scope: string;
  credential: Credential | undefined;
  /** The address that sent the challenge. */
  challengedBy: string;
  /** Ask for an identity token, too. */
  offline?: boolean;
  signal: AbortSignal;
}

export interface Token {
  token: string;
  identityToken?: string;
}

/**
 * Fetches a Bearer token by distribution's "Token Authentication Specification": GET with Basic, or, with an identity
 * token and where the server knows no GET, the OAuth2 POST.
 * @throws DockerError unauthorized when the credential is refused
 */
export async function fetchToken(client: HttpClient, request: TokenRequest): Promise<Token> {
  const { parameters, credential, challengedBy } = request;
  if (credential?.registryToken) return { token: credential.registryToken };
  const realm = tokenServer(parameters.realm!, challengedBy);
  let response: HttpResponse;
  if (credential?.identityToken) {
    response = await post(client, realm, request, {
      grant_type: 'refresh_token',
      refresh_token: credential.identityToken,
    });
  } else {
    response = await get(client, realm, request);
    if ((response.status === 404 || response.status === 405) && credential?.username) {
      response.body.resume();
      const { username, password } = credential;
      response = await post(client, realm, request, { grant_type: 'password', username, password });
    }
  }
  const refused = response.status === 401 || (response.status === 400 && credential?.identityToken !== undefined);
  if (refused && credential) {
    response.body.destroy();
    throw new DockerError('unauthorized', 'unauthorized: incorrect username or password');
  }
  if (response.status !== 200) throw await responseError(response);
  return tokenIn(await readBody(response, tokenLimit), realm);
}

function get(client: HttpClient, realm: URL, request: TokenRequest): Promise<HttpResponse> {
  const { parameters, scope, credential, offline, signal } = request;
  const url = new URL(realm);
  if (parameters.service) url.searchParams.set('service', parameters.service);
  for (const each of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', each);
  if (offline) url.searchParams.set('offline_token', 'true');
  if (offline) url.searchParams.set('client_id', clientId);
  const headers: Record<string, string> = {};
  if (credential?.username) {
    url.searchParams.set('account', credential.username);
    headers.authorization = basicHeader(credential);
  }
  // The realm may be another origin, to which credentials would not go otherwise; it was named by the registry.
  return client.send({ method: 'GET', url: url.href, headers, signal, trustedOrigin: realm.origin });
}

function post(
  client: HttpClient,
  realm: URL,
  { parameters, scope, offline, signal }: TokenRequest,
  grant: Record<string, string>,
): Promise<HttpResponse> {
  const form = new URLSearchParams({ ...grant, service: parameters.service ?? '', client_id: clientId });
  if (scope !== '') form.set('scope', scope);
  if (offline) form.set('access_type', 'offline');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return client.send({ method: 'POST', url: realm.href, headers, body: form.toString(), secretBody: true, signal });
}

export const basicHeader = ({ username, password }: Credential): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

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

function tokenIn(bytes: Buffer, realm: URL): Token {
  let reply: { token?: unknown; access_token?: unknown; refresh_token?: unknown } = {};
  try {
    reply = (JSON.parse(bytes.toString()) ?? {}) as typeof reply;
  } catch {}
  const token = reply.token || reply.access_token;
  // What would not be one header is no token either.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new DockerError('system', `the token server ${realm.host} answered without a token`);
  const identityToken = reply.refresh_token;
  return { token, ...(typeof identityToken === 'string' && identityToken !== '' && { identityToken }) };
}
