import type { Cli } from '../../cli/command.ts';
import { registryOptions } from '../../engine/image/registry-options.ts';
import { dockerConfigDir } from '../image/docker-config.ts';

/** How to reach registries without a containerd. @param insecure as `--insecure` says */
export function manifestRegistry(cli: Cli, insecure: boolean): ReturnType<typeof registryOptions> {
  const options = registryOptions(cli, dockerConfigDir(cli));
  return { ...options, insecure: options.insecure || insecure };
}
