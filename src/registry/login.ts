import http from 'node:http';
import { DockerError, isDockerError } from '../docker/errors.ts';
import { bearerParameters, parseChallenges } from './auth.ts';
import type { Credential } from './credentials.ts';
import { type HostsOptions, type RegistryHost, registryHosts } from './hosts.ts';
import { type HttpClient, type HttpResponse, httpClient } from './http.ts';
import { basicHeader, fetchToken } from './token.ts';

export interface LoginOptions extends HostsOptions {
  signal: AbortSignal;
}

/**
 * Shows a credential to a registry, as Basic or to the token server that the registry names; mirrors never see it.
 * A registry that asks nobody for credentials takes any, as docker has it.
 * @returns the identity token that some registries give to be kept in place of the password
 * @throws DockerError unauthorized when it is refused; RegistryError when there is no usable answer
 */
export async function checkCredential(
  domain: string,
  credential: Credential,
  options: LoginOptions,
): Promise<{ identityToken?: string }> {
  const own = registryHosts(domain, options).filter(({ mirror, url }) => !mirror || new URL(url).host === domain);
  let failure: unknown;
  for (const host of own) {
    const client = httpClient(host, { userAgent: 'nerdctl' });
    try {
      return await tryHost(client, host, credential, options.signal);
    } catch (error) {
      options.signal.throwIfAborted();
      if (isDockerError(error, 'unauthorized')) throw error;
      failure ??= error;
    } finally {
      client.close();
    }
  }
  throw failure;
}

async function tryHost(
  client: HttpClient,
  host: RegistryHost,
  credential: Credential,
  signal: AbortSignal,
): Promise<{ identityToken?: string }> {
  const url = `${host.url}/`;
  const send = async (headers: Record<string, string>): Promise<HttpResponse> => {
    const response = await client.send({ method: 'GET', url, headers, signal });
    response.body.resume();
    return response;
  };
  const challenge = await send({});
  if (challenge.status === 200) return {};
  if (challenge.status !== 401) throw failedAttempt(challenge.url, challenge.status);
  const challenges = parseChallenges(challenge.headers['www-authenticate']);
  const parameters = bearerParameters(challenges);
  let authorization = basicHeader(credential);
  let identityToken: string | undefined;
  if (parameters) {
    const request = { parameters, scope: '', credential, challengedBy: challenge.url, offline: true, signal };
    const given = await fetchToken(client, request).catch((error: unknown) => {
      if (!isDockerError(error, 'unauthorized')) throw error;
      throw new DockerError('unauthorized', `Get "${challenge.url}": ${error.message}`, { cause: error });
    });
    authorization = `Bearer ${given.token}`;
    identityToken = given.identityToken;
  } else if (!challenges.some(({ scheme }) => scheme === 'basic')) {
    throw failedAttempt(challenge.url, challenge.status);
  }
  const { status, url: where } = await send({ authorization });
  if (status !== 200) throw failedAttempt(where, status);
  return identityToken === undefined ? {} : { identityToken };
}

function failedAttempt(url: string, status: number): DockerError {
  const words = `${status} ${http.STATUS_CODES[status] ?? ''}`.trimEnd();
  return new DockerError(
    status === 401 || status === 403 ? 'unauthorized' : 'system',
    `login attempt to ${url} failed with status: ${words}`,
  );
}
