import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DockerError } from '../docker/errors.ts';
import { isObject, isText } from '../docker/values/json-types.ts';
import { ensureDir, writeFileAtomic } from '../host/files.ts';
import { startHostHelper } from '../host/helper-process.ts';
import { monitorCommand } from '../host/program.ts';

/** An entry of `auths`. `identitytoken` is an OAuth2 refresh token. */
export interface AuthEntry {
  /** base64 of `user:password` */
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
}

/** docker's config.json: what is read of it here. The rest stays as it is when it is written. */
export interface DockerConfig {
  auths?: Record<string, AuthEntry>;
  /** The `X` of the program docker-credential-X, for all registries. */
  credsStore?: string;
  /** The same by registry. */
  credHelpers?: Record<string, string>;
  [key: string]: unknown;
}

const configFile = (dir: string): string => join(dir, 'config.json');

/**
 * @param dir the directory of config.json: `$DOCKER_CONFIG` or `~/.docker`
 * @returns an empty object when there is no file
 * @throws where there is one that cannot be read: it must not be replaced by an empty one
 */
export function readDockerConfig(dir: string): DockerConfig {
  const path = configFile(dir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    if (code === 'EISDIR') throw new DockerError('invalid', `${path} is a directory`);
    throw error;
  }
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The parser's own message would quote the file, which holds secrets.
    throw new DockerError('invalid', `${path} is not valid JSON`, { cause: (cause as Error).name });
  }
  if (!isObject(value)) throw new DockerError('invalid', `${path} does not hold a JSON object`);
  return checkedConfig(value, path);
}

const secretFields = ['auth', 'username', 'password', 'identitytoken', 'registrytoken'];
const isEntry = (value: unknown): boolean => isObject(value) && secretFields.every((key) => isText(value[key]));

/**
 * What is read of the configuration, or of `DOCKER_AUTH_CONFIG`, with null, as in docker, for what is not there.
 * @param source for messages, which quote no value: it may be a secret
 * @throws DockerError invalid when something is of another type than docker knows it
 */
export function checkedConfig(value: Record<string, unknown>, source: string): DockerConfig {
  const config = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
  const { auths = {}, credHelpers = {}, credsStore } = config;
  const wrong = (key: string): never => {
    throw new DockerError('invalid', `${source}: ${key} is not of the type that docker knows`);
  };
  if (!isText(credsStore)) wrong('credsStore');
  if (!isObject(credHelpers)) return wrong('credHelpers');
  if (!isObject(auths)) return wrong('auths');
  for (const [server, name] of Object.entries(credHelpers)) if (!isText(name)) wrong(`credHelpers of ${server}`);
  for (const [server, entry] of Object.entries(auths)) if (!isEntry(entry ?? {})) wrong(`auths of ${server}`);
  return config as DockerConfig;
}

/**
 * Changes the file as it is now; others of us that do so at the same time wait, so that no change is lost.
 * @param change gives undefined when there is nothing to change
 * @returns the file, when it was written
 */
export async function updateDockerConfig(
  dir: string,
  change: (config: DockerConfig) => DockerConfig | undefined,
): Promise<string | undefined> {
  await ensureDir(dir, 0o700);
  const host = startHostHelper(...monitorCommand());
  try {
    // Where the lock cannot be had (a file system without locks), it is done all the same: docker takes none.
    const lock = await host.lock(dir).catch(() => undefined);
    const changed = change(readDockerConfig(dir));
    const path = changed && (await writeDockerConfig(dir, changed));
    await lock?.release();
    return path;
  } finally {
    host.close();
  }
}

/** Replaces the file as docker does: a symbolic link stays one, the owner stays, nobody else can read it. */
async function writeDockerConfig(dir: string, config: DockerConfig): Promise<string> {
  const path = configFile(dir);
  const target = followLinks(path);
  const before = lstatSync(target, { throwIfNoEntry: false });
  const owner = before && { uid: before.uid, gid: before.gid };
  await writeFileAtomic(target, JSON.stringify(config, undefined, '\t'), 0o600, { owner });
  return path;
}

/** Where a file is, or would be made through a link that leads to nothing. */
function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    return isLink ? resolve(dirname(path), readlinkSync(path)) : path;
  }
}
