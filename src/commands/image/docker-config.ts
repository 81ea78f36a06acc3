import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cli } from '../../cli/command.ts';

/** The directory of docker's config.json. */
export function dockerConfigDir(cli: Pick<Cli, 'env'>): string {
  return cli.env.DOCKER_CONFIG || join(cli.env.HOME || homedir(), '.docker');
}
