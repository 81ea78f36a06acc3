import { type Authorizer, authorizer } from './auth.ts';
import type { CredentialSource } from './credentials.ts';
import { isRegistryError } from './errors.ts';
import type { RegistryHost } from './hosts.ts';
import { type HttpClient, type HttpRequest, type HttpResponse, httpClient, responseError } from './http.ts';

export interface EndpointOptions {
  credentials: CredentialSource;
  userAgent?: string;
  /** Milliseconds of silence. */
  idleTimeout?: number;
}

/** One host that is asked for a repository, with what it was told about us so far. */
export interface Endpoint {
  host: RegistryHost;
  http: HttpClient;
  auth: Authorizer;
}

/** @param domain of the reference: the registry that a mirror stands for */
export function openEndpoint(host: RegistryHost, domain: string, options: EndpointOptions): Endpoint {
  const http = httpClient(host, { userAgent: options.userAgent ?? 'nerdctl', idleTimeout: options.idleTimeout });
  const own = host.mirror ? new URL(host.url).host : domain;
  return { host, http, auth: authorizer(http, own, options.credentials) };
}

/**
 * Sends a request, with credentials when the host asks for them.
 * @param scope of the token, if it comes to one
 * @throws RegistryError for an answer that is no success; what is wrong with a credential helper
 */
export async function authorized({ http, auth }: Endpoint, request: HttpRequest, scope: string): Promise<HttpResponse> {
  try {
    for (let round = 0; ; round++) {
      const authorization = await auth.header(scope);
      const headers = authorization === undefined ? request.headers : { ...request.headers, authorization };
      const response = await http.send({ ...request, headers });
      if (response.status < 300) return response;
      // A host that was only redirected to has no say in who gets the credentials.
      const retryable = response.status === 401 && round < 2 && http.isOwn(new URL(response.url));
      if (retryable && (await auth.challenged(response, scope, authorization, request.signal))) {
        response.body.resume();
        continue;
      }
      throw await responseError(response);
    }
  } catch (error) {
    const turnedAway = isRegistryError(error) && (error.status === 401 || error.status === 403);
    throw (turnedAway && auth.problem()) || error;
  }
}
