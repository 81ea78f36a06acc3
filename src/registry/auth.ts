import type { Credential, CredentialSource } from './credentials.ts';
import type { HttpClient, HttpResponse } from './http.ts';
import { widenScope } from './scope.ts';
import { basicHeader, fetchToken } from './token.ts';

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

/** The Bearer challenge that names a token server, if there is one. */
export function bearerParameters(challenges: readonly Challenge[]): Record<string, string> | undefined {
  return challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm)?.parameters;
}

/** Says what to send to one host, and learns from its challenges. */
export interface Authorizer {
  /** The `Authorization` header for a scope, if one is known. */
  header(scope: string): Promise<string | undefined>;
  /** Reacts to a 401. @returns false when there is nothing (else) to try */
  challenged(response: HttpResponse, scope: string, used: string | undefined, signal: AbortSignal): Promise<boolean>;
  /** Why the credentials could not be looked up: what to report when the anonymous are turned away. */
  problem(): unknown;
}

/**
 * Basic and Bearer, by the "Token Authentication Specification" of distribution; anonymous without credentials.
 * @param domain whose credentials are used: the registry's own, not the one that a mirror stands for
 */
export function authorizer(client: HttpClient, domain: string, credentials: CredentialSource): Authorizer {
  let credential: Promise<Credential | undefined> | undefined;
  let problem: unknown;
  let basic: string | undefined;
  // Parallel requests share one token.
  const tokens = new Map<string, Promise<string>>();
  const lookup = (): Promise<Credential | undefined> => {
    // A helper that is gone does not keep anybody from what is public.
    credential ??= credentials(domain).catch((error: unknown) => {
      problem = error;
      return undefined;
    });
    return credential;
  };

  return {
    async header(scope) {
      const token = tokens.get(scope);
      return token ? `Bearer ${await token}` : basic;
    },
    async challenged(response, scope, used, signal) {
      const challenges = parseChallenges(response.headers['www-authenticate']);
      const parameters = bearerParameters(challenges);
      if (parameters) {
        const known = tokens.get(scope);
        // Somebody else has fetched one since this request was made.
        if (known && `Bearer ${await known}` !== used) return true;
        // Or else it has expired.
        if (known && parameters.error === 'insufficient_scope') return false;
        const request = { parameters, scope: widenScope(parameters.scope, scope), challengedBy: response.url, signal };
        const value = lookup()
          .then((found) => fetchToken(client, { ...request, credential: found }))
          .then(({ token }) => token);
        tokens.set(scope, value);
        value.catch(() => tokens.delete(scope));
        await value;
        return true;
      }
      if (!challenges.some(({ scheme }) => scheme === 'basic') || used !== undefined) return false;
      const found = await lookup();
      if (!found?.username) return false;
      basic = basicHeader(found);
      return true;
    },
    problem: () => problem,
  };
}
