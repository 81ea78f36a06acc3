import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Session } from '../../buildkit/client.ts';
import { authService } from '../../buildkit/services/auth.ts';
import { contentService, type LayoutDirectory } from '../../buildkit/services/content.ts';
import { fileSyncService } from '../../buildkit/services/file-sync.ts';
import { checkSecrets, type SecretSource, secretsService } from '../../buildkit/services/secrets.ts';
import { openSshSource, type SshSource, sshService } from '../../buildkit/services/ssh.ts';
import { uploadService } from '../../buildkit/services/upload.ts';
import { DockerError } from '../../docker/errors.ts';
import type { BuildSecret } from '../../docker/flags/build-secrets.ts';
import type { Handler } from '../../grpc/server.ts';
import type { Engine } from '../engine.ts';
import type { PlannedCaches } from './caches.ts';
import type { BuildDaemon } from './daemon.ts';
import type { BuildInputs } from './inputs.ts';
import { registryLogin } from './registry-login.ts';
import type { BuildRequest } from './request.ts';
import { type Results, resultServices } from './results.ts';
import { isGitOverSsh } from './sources.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface SessionParts {
  daemon: BuildDaemon;
  inputs: BuildInputs;
  caches: PlannedCaches;
  results: Results;
  /** How many there are. */
  exporters: number;
  dockerConfig: string;
  env: Env;
}

/** Opens the session in which BuildKit asks for the parts of a build, and gives its results. */
export async function buildSession(engine: Engine, request: BuildRequest, parts: SessionParts): Promise<Session> {
  const { daemon, inputs, results, dockerConfig, env } = parts;
  const secrets = secretSources(request.secrets, env);
  await checkSecrets(secrets);
  const services: [string, Handler][] = [
    ...fileSyncService(inputs.dirs, engine.host),
    ...uploadService(inputs.uploads),
    ...authService(registryLogin(engine, dockerConfig)),
    ...secretsService(secrets, env),
    ...sshService(await sshSources(request, env)),
    ...resultServices(engine, results, parts.exporters),
    ...contentService(layouts(parts)),
  ];
  return daemon.client.openSession({ sharedKey: sharedKey(inputs.contextDir), handlers: new Map(services) });
}

/** @throws DockerError `invalid`, in buildx's words */
async function sshSources(request: BuildRequest, env: Env): Promise<Record<string, SshSource>> {
  const wanted = [...request.ssh];
  // A repository is fetched with the agent's keys.
  if (wanted.length === 0 && isGitOverSsh(request.context)) wanted.push({ id: 'default', paths: [] });
  const sources: Record<string, SshSource> = {};
  for (const { id, paths } of wanted) {
    const agent = env.SSH_AUTH_SOCK;
    if (paths.length === 0 && !agent) {
      throw new DockerError('invalid', 'invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set');
    }
    sources[id] = await openSshSource(paths.length > 0 ? paths : [agent ?? '']);
  }
  return sources;
}

/** By BuildKit's names for them. */
function layouts({ inputs, caches, results }: SessionParts): Record<string, LayoutDirectory> {
  const stores: Record<string, LayoutDirectory> = {};
  for (const [id, dir] of Object.entries(inputs.layouts)) stores[`oci:${id}`] = { dir };
  for (const [id, layout] of Object.entries(caches.layouts)) stores[id] = layout;
  for (const dir of results.layouts) stores.export = { dir, writable: true };
  return stores;
}

/**
 * A secret that says nothing of its place is the variable of its name, or else the file.
 * @throws DockerError `invalid`, in buildx's words
 */
export function secretSources(secrets: readonly BuildSecret[], env: Env): Record<string, SecretSource> {
  if (secrets.some(({ id }) => id === '')) throw new DockerError('invalid', 'secret missing ID');
  const source = ({ id, file, env: variable }: BuildSecret): SecretSource => {
    if (variable !== undefined) return { env: variable };
    if (file !== undefined) return { file };
    return env[id] === undefined ? { file: id } : { env: id };
  };
  return Object.fromEntries(secrets.map((secret) => [secret.id, source(secret)]));
}

/** BuildKit keeps its copy of a directory by this: the same at each build of it on this machine. */
function sharedKey(dir: string): string {
  if (dir === '') return '';
  return createHash('sha256').update(`${machineId()}\0${dir}`).digest('hex');
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return hostname();
  }
}
