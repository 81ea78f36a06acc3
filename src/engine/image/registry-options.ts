import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RegistryOptions } from '../../registry/client.ts';
import { dockerConfigCredentials } from '../../registry/credentials.ts';
import type { Engine } from '../engine.ts';

/** @param dockerConfig the directory of docker's config.json; `~/.docker` unless given */
export function registryOptions({ settings, signal }: Engine, dockerConfig?: string): RegistryOptions {
  return {
    hostsDirs: settings.hostsDir,
    insecure: settings.insecureRegistry,
    credentials: dockerConfigCredentials(dockerConfig ?? join(homedir(), '.docker')),
    signal,
  };
}
