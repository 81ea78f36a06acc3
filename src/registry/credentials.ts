import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../docker/errors.ts';

/** `identityToken` is an OAuth2 refresh token; with it, user name and password are empty. */
export interface Credential {
  username: string;
  password: string;
  identityToken?: string;
  registryToken?: string;
}

/** Asked at most once per registry and client. Helpers fit behind it. */
export type CredentialSource = (domain: string) => Promise<Credential | undefined>;

interface AuthEntry {
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
}

/**
 * The `auths` of docker's config.json.
 * @param dir the directory of config.json: `$DOCKER_CONFIG` or `~/.docker`
 */
export function dockerConfigCredentials(dir: string): CredentialSource {
  let auths: Record<string, AuthEntry> | undefined;
  return async (domain) => {
    auths ??= readAuths(join(dir, 'config.json'));
    for (const key of authKeys(domain)) {
      const entry = auths[key];
      if (entry) return credentialOf(entry);
    }
    return undefined;
  };
}

/** The hub is known by its historical address; others may have been written with a scheme. */
function authKeys(domain: string): string[] {
  if (domain === 'docker.io') {
    return ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];
  }
  return [
    domain,
    `https://${domain}`,
    `https://${domain}/`,
    `http://${domain}`,
    `https://${domain}/v1/`,
    `https://${domain}/v2/`,
  ];
}

function readAuths(path: string): Record<string, AuthEntry> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return (JSON.parse(text) as { auths?: Record<string, AuthEntry> }).auths ?? {};
  } catch (cause) {
    // The parser's own message would quote the file, which holds secrets.
    throw new DockerError('invalid', `${path} is not valid JSON`, { cause: (cause as Error).name });
  }
}

function credentialOf(entry: AuthEntry): Credential {
  const decoded = entry.auth ? Buffer.from(entry.auth, 'base64').toString() : '';
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? (entry.username ?? '') : decoded.slice(0, colon);
  const password = colon < 0 ? (entry.password ?? '') : decoded.slice(colon + 1).replace(/\0+$/, '');
  return {
    username,
    password,
    ...(entry.identitytoken && { identityToken: entry.identitytoken }),
    ...(entry.registrytoken && { registryToken: entry.registrytoken }),
  };
}
