import type { AuthOptions, RegistryToken, TokenRequest } from '../../buildkit/services/auth.ts';
import { type Credential, dockerConfigCredentials } from '../../registry/credentials.ts';
import { registryHosts } from '../../registry/hosts.ts';
import { httpClient } from '../../registry/http.ts';
import { fetchToken } from '../../registry/token.ts';
import { tokenSeed } from '../../registry/token-seed.ts';
import type { Engine } from '../engine.ts';

/** The hub's name in docker's configuration, for the host that BuildKit speaks to. */
const domainOf = (host: string): string => (host === 'registry-1.docker.io' ? 'docker.io' : host);

/** Credentials from docker's configuration for what BuildKit pulls and pushes; tokens are fetched here. */
export function registryLogin(engine: Engine, dockerConfig: string): AuthOptions {
  const source = dockerConfigCredentials(dockerConfig);
  // BuildKit asks several times, and a helper may take a second.
  const found = new Map<string, Promise<Credential | undefined>>();
  const credential = (host: string): Promise<Credential | undefined> => {
    const domain = domainOf(host);
    const known = found.get(domain) ?? source(domain);
    found.set(domain, known);
    return known;
  };
  return {
    async login(host) {
      const known = await credential(host);
      if (!known) return undefined;
      const { username, password, identityToken, registryToken } = known;
      return identityToken ? { username: '', secret: identityToken } : { username, secret: registryToken ?? password };
    },
    seed: (host) => tokenSeed(dockerConfig, host, engine.host),
    fetchToken: async (request, signal) =>
      tokenFor(engine, request, { credential: await credential(request.host), signal }),
  };
}

async function tokenFor(
  engine: Engine,
  { host, realm, service, scopes }: TokenRequest,
  { credential, signal }: { credential: Credential | undefined; signal: AbortSignal },
): Promise<RegistryToken> {
  const { hostsDir, insecureRegistry } = engine.settings;
  const hosts = registryHosts(domainOf(host), { dirs: hostsDir, insecure: insecureRegistry });
  const server = hosts.find(({ mirror }) => !mirror) ?? hosts[0]!;
  const client = httpClient(server, { userAgent: 'nerdctl' });
  try {
    const parameters = { realm, service };
    const request = { parameters, scope: scopes.join(' '), credential, challengedBy: realm, signal };
    return { token: (await fetchToken(client, request)).token };
  } finally {
    client.close();
  }
}
