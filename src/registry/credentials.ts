import { DockerError } from '../docker/errors.ts';
import { credentialHelper, defaultHelper, type HelperCredential } from './credential-helper.ts';
import {
  type AuthEntry,
  checkedConfig,
  type DockerConfig,
  readDockerConfig,
  updateDockerConfig,
} from './docker-config.ts';

/** `identityToken` is an OAuth2 refresh token; with it, user name and password are empty. */
export interface Credential {
  username: string;
  password: string;
  identityToken?: string;
  registryToken?: string;
}

/**
 * Asked at most once per registry and client.
 * @throws Error when there is a credential helper that does not work
 */
export type CredentialSource = (domain: string) => Promise<Credential | undefined>;

/** How docker's configuration names the hub. */
export const hubKey = 'https://index.docker.io/v1/';
const tokenUser = '<token>';

type Env = NodeJS.ProcessEnv;

/**
 * What docker knows of a registry: `DOCKER_AUTH_CONFIG`, then the helper in `credHelpers` or `credsStore`, then `auths`.
 * @param dir the directory of config.json: `$DOCKER_CONFIG` or `~/.docker`
 */
export function dockerConfigCredentials(dir: string, env: Env = process.env): CredentialSource {
  let config: DockerConfig | undefined;
  return async (domain) => {
    config ??= loadConfig(dir, env);
    const given = findEntry(environmentAuths(env), domain);
    if (given) return given;
    const stored = await fromHelper(config, domain, env);
    return stored ?? findEntry(config.auths ?? {}, domain);
  };
}

/** As docker, who keeps nothing anywhere yet uses the helper of the machine, if it has one. */
function loadConfig(dir: string, env: Env): DockerConfig {
  return withDefaultHelper(readDockerConfig(dir), env);
}

function withDefaultHelper(config: DockerConfig, env: Env): DockerConfig {
  const { auths = {}, credHelpers = {}, credsStore } = config;
  if (credsStore || Object.keys(auths).length > 0 || Object.keys(credHelpers).length > 0) return config;
  const helper = defaultHelper(env);
  return helper === undefined ? config : { ...config, credsStore: helper };
}

async function fromHelper(config: DockerConfig, domain: string, env: Env): Promise<Credential | undefined> {
  const helper = helperFor(config, domain);
  if (helper === undefined) return undefined;
  const found = await credentialHelper(helper, env).get(domain === 'docker.io' ? hubKey : domain);
  if (!found) return undefined;
  if (found.Username === tokenUser) return { username: '', password: '', identityToken: found.Secret };
  return { username: found.Username, password: found.Secret };
}

/** An empty name in `credHelpers` says that this registry has none. */
function helperFor({ credHelpers = {}, credsStore }: DockerConfig, key: string): string | undefined {
  const keys = key === 'docker.io' ? authKeys(key) : [key];
  const own = keys.find((each) => credHelpers[each] !== undefined);
  return (own === undefined ? credsStore : credHelpers[own]) || undefined;
}

/** @throws DockerError invalid, naming the variable and quoting nothing of it */
function environmentAuths(env: Env): Record<string, AuthEntry> {
  const text = env.DOCKER_AUTH_CONFIG;
  if (!text) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DockerError('invalid', 'the environment variable DOCKER_AUTH_CONFIG does not hold a JSON object');
  }
  const { auths = {} } = checkedConfig(value as Record<string, unknown>, 'DOCKER_AUTH_CONFIG');
  for (const [server, entry] of Object.entries(auths)) {
    if (!entry?.auth) {
      throw new DockerError(
        'invalid',
        `DOCKER_AUTH_CONFIG environment variable is missing key \`auth\` for ${JSON.stringify(server)}`,
      );
    }
  }
  return auths;
}

function findEntry(auths: Record<string, AuthEntry>, domain: string): Credential | undefined {
  const key =
    authKeys(domain).find((each) => auths[each]) ?? Object.keys(auths).find((each) => hostnameOf(each) === domain);
  const credential = key === undefined ? undefined : credentialOf(auths[key] ?? {});
  // docker leaves an empty entry for what a helper keeps.
  const { username, identityToken, registryToken } = credential ?? {};
  return username || identityToken || registryToken ? credential : undefined;
}

/** The hub is known by its historical address. */
function authKeys(domain: string): string[] {
  return domain === 'docker.io' ? [hubKey, 'index.docker.io', 'docker.io', 'registry-1.docker.io'] : [domain];
}

/** `registry.example:5000` of what users and old files write with a scheme or a path. */
export function hostnameOf(server: string): string {
  return server.replace(/^https?:\/\//i, '').replace(/\/.*$/, '');
}

function credentialOf(entry: AuthEntry): Credential {
  const decoded = entry.auth ? Buffer.from(entry.auth, 'base64').toString() : '';
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? (entry.username ?? '') : decoded.slice(0, colon);
  const password = colon < 0 ? (entry.password ?? '') : decoded.slice(colon + 1).replace(/\0+$/, '');
  const identityToken = entry.identitytoken || (username === tokenUser ? password : '');
  return {
    username: username === tokenUser ? '' : username,
    password: username === tokenUser ? '' : password,
    ...(identityToken && { identityToken }),
    ...(entry.registrytoken && { registryToken: entry.registrytoken }),
  };
}

/**
 * Keeps a credential where docker would: in the helper that is configured, or else in config.json.
 * @param key as in `auths`: hubKey, or a host with its port
 * @returns the file in which a password is now stored unencrypted
 */
export async function storeCredential(
  dir: string,
  key: string,
  { username, password, identityToken }: Credential,
  env: Env = process.env,
): Promise<string | undefined> {
  const config = loadConfig(dir, env);
  const helper = helperFor(config, key);
  let entry: AuthEntry = {};
  if (helper !== undefined) {
    const kept: HelperCredential = identityToken
      ? { ServerURL: key, Username: tokenUser, Secret: identityToken }
      : { ServerURL: key, Username: username, Secret: password };
    await credentialHelper(helper, env).store(kept);
  } else {
    const auth = Buffer.from(`${username}:${identityToken ? '' : password}`).toString('base64');
    entry = { auth, ...(identityToken && { identitytoken: identityToken }) };
  }
  const path = await updateDockerConfig(dir, (found) => {
    const current = withDefaultHelper(found, env);
    const auths = current.auths ?? {};
    if (JSON.stringify(auths[key]) === JSON.stringify(entry)) return undefined;
    return { ...current, auths: { ...auths, [key]: entry } };
  });
  return helper === undefined && !identityToken ? path : undefined;
}

/** Forgets one key of `auths` and what a helper has for it. That there is nothing is no error. */
export async function eraseCredential(dir: string, key: string, env: Env = process.env): Promise<void> {
  const config = loadConfig(dir, env);
  const helper = helperFor(config, key);
  if (helper !== undefined) await credentialHelper(helper, env).erase(key);
  if (config.auths?.[key] === undefined) return;
  await updateDockerConfig(dir, (found) => {
    const { [key]: gone, ...auths } = found.auths ?? {};
    return gone && { ...found, auths };
  });
}
