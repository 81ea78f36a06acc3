import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../host/files.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';
import type { NetworkPlan } from '../network/mode.ts';
import type { ContainerConfig } from './merge-config.ts';

/**
 * `docker.json` of the state directory: a container in docker's own terms, as it was asked for. The container record
 * and its labels are what both programs share; this is what they cannot express.
 */
export interface DockerRecord {
  version: 1;
  /** RFC3339Nano. */
  Created: string;
  Path: string;
  Args: string[];
  /** The image's config digest, and its fully qualified name. */
  ImageID: string;
  ImageName: string;
  Config: ContainerConfig;
  HostConfig: HostConfig;
  Network: NetworkPlan;
  /** Empty without a log that can be read back. */
  LogPath: string;
}

export function readDockerRecord(stateDir: string): DockerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, 'docker.json'), 'utf8')) as DockerRecord;
  } catch {
    return undefined;
  }
}

export async function writeDockerRecord(stateDir: string, record: DockerRecord): Promise<void> {
  await writeFileAtomic(join(stateDir, 'docker.json'), JSON.stringify(record), 0o600);
}
