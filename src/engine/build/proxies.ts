import type { DockerConfig } from '../../registry/docker-config.ts';

const variables: readonly (readonly [variable: string, key: string])[] = [
  ['HTTP_PROXY', 'httpProxy'],
  ['HTTPS_PROXY', 'httpsProxy'],
  ['NO_PROXY', 'noProxy'],
  ['FTP_PROXY', 'ftpProxy'],
  ['ALL_PROXY', 'allProxy'],
];

/** The build arguments that docker makes of `proxies.default` in its config.json, in both spellings. */
export function proxyArguments({ proxies }: DockerConfig): Record<string, string> {
  const settings = (proxies as Record<string, Record<string, unknown>> | undefined)?.default;
  const found: Record<string, string> = {};
  for (const [variable, key] of variables) {
    const value = settings?.[key];
    if (typeof value === 'string' && value !== '')
      Object.assign(found, { [variable]: value, [variable.toLowerCase()]: value });
  }
  return found;
}
