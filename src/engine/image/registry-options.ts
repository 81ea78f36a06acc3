import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RegistryOptions } from '../../registry/client.ts';
import { dockerConfigCredentials } from '../../registry/credentials.ts';
import type { Engine } from '../engine.ts';
import type { Settings } from '../settings.ts';

/** @param dockerConfig the directory of docker's config.json; `~/.docker` unless given */
export function registryOptions(
  { settings, signal }: Pick<Engine, 'signal'> & { settings: Pick<Settings, 'hostsDir' | 'insecureRegistry'> },
  dockerConfig?: string,
): RegistryOptions {
  return {
    hostsDirs: settings.hostsDir,
    insecure: settings.insecureRegistry,
    credentials: dockerConfigCredentials(dockerConfig ?? join(homedir(), '.docker')),
    signal,
  };
}
