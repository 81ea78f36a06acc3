import { invalid } from '../errors.ts';
import { isIp } from '../values/ip.ts';

/**
 * One value of --add-host, `name:ip` or `name=ip`, as the `name:ip` of `HostConfig.ExtraHosts`. The address may be in brackets,
 * or be `host-gateway`.
 * @throws DockerError `invalid`
 */
export function parseExtraHost(value: string): string {
  const separator = value.includes('=') ? value.indexOf('=') : value.indexOf(':');
  if (separator <= 0) throw invalid(`bad format for add-host: "${value}"`);
  const name = value.slice(0, separator);
  const typed = value.slice(separator + 1);
  const address = /^\[(.*)\]$/.exec(typed)?.[1] ?? typed;
  if (address !== 'host-gateway' && !isIp(address)) throw invalid(`invalid IP address in add-host: "${address}"`);
  return `${name}:${address}`;
}
