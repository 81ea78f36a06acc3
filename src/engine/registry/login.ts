import { DockerError } from '../../docker/errors.ts';
import {
  dockerConfigCredentials,
  eraseCredential,
  hostnameOf,
  hubKey,
  storeCredential,
} from '../../registry/credentials.ts';
import { isRegistryError } from '../../registry/errors.ts';
import { checkCredential } from '../../registry/login.ts';
import type { Settings } from '../settings.ts';

/** A registry as a user names it for `login` and `logout`. */
export interface LoginServer {
  /** As in `auths` of docker's configuration. */
  key: string;
  /** As in references. */
  domain: string;
  /** What was typed, for messages and old keys. */
  given: string;
}

/** @param server `registry.example:5000`, with a scheme and a path if it must be; empty: the hub */
export function loginServer(server: string): LoginServer {
  if (server === '' || server === 'docker.io' || server === hubKey) {
    return { key: hubKey, domain: 'docker.io', given: server };
  }
  const key = hostnameOf(server);
  if (!/^([\w.-]+|\[[\da-fA-F:]+\])(:\d{1,5})?$/.test(key)) {
    // Before an @ may be a password.
    const shown = server.replace(/^.*@/, '***@');
    throw new DockerError('invalid', `unable to parse server address: ${JSON.stringify(shown)}`);
  }
  return { key, domain: key === 'index.docker.io' ? 'docker.io' : key, given: server };
}

export interface UserPassword {
  username: string;
  password: string;
}

export interface LoginContext {
  /** The directory of docker's config.json. */
  dockerConfig: string;
  settings: Pick<Settings, 'hostsDir' | 'insecureRegistry'>;
  signal: AbortSignal;
}

/** What is kept for the registry. @throws when a credential helper does not work */
export async function savedLogin({ key }: LoginServer, context: LoginContext): Promise<UserPassword | undefined> {
  const found = await dockerConfigCredentials(context.dockerConfig)(key === hubKey ? 'docker.io' : key);
  return found && { username: found.username, password: found.password };
}

/**
 * Checks a user and password against the registry, and keeps them if they are good.
 * @returns the file in which the password is now stored unencrypted
 * @throws DockerError; nothing is kept then
 */
export async function login(
  { key, domain }: LoginServer,
  credential: UserPassword,
  { settings, signal, dockerConfig }: LoginContext,
): Promise<{ unencryptedIn: string | undefined }> {
  const options = { dirs: settings.hostsDir, insecure: settings.insecureRegistry, signal };
  const { identityToken } = await checkCredential(domain, credential, options).catch((error: unknown) => {
    if (!isRegistryError(error)) throw error;
    throw new DockerError(error.status === 0 ? 'unavailable' : 'system', error.message, { cause: error });
  });
  const kept = { ...credential, ...(identityToken !== undefined && { identityToken }) };
  const unencryptedIn = await storeCredential(dockerConfig, key, kept).catch((error: Error) => {
    throw new Error(`Error saving credentials: ${error.message}`, { cause: error });
  });
  return { unencryptedIn };
}

/**
 * Forgets a registry under all names that docker may have kept it by.
 * @returns why, by name, when none of them could be forgotten
 */
export async function logout({ key, given }: LoginServer, dockerConfig: string): Promise<Map<string, Error>> {
  const keys = key === hubKey ? [key] : [...new Set([given, key, `http://${key}`, `https://${key}`])];
  const failures = new Map<string, Error>();
  // One after the other: each of them writes the file.
  for (const each of keys) {
    await eraseCredential(dockerConfig, each).catch((error: Error) => failures.set(each, error));
  }
  return failures.size === keys.length ? failures : new Map();
}
