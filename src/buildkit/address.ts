import { DockerError } from '../docker/errors.ts';

export type Endpoint = { kind: 'unix'; path: string } | { kind: 'tcp'; host: string; port: number };

/** Where a BuildKit listens. */
export interface BuildKitAddress {
  /** It is the one inside dockerd, whose API listens there. */
  docker: boolean;
  endpoint: Endpoint;
}

const DOCKER_SOCKET = '/var/run/docker.sock';
const forms = 'unix:///PATH, tcp://HOST:PORT or docker://';

/**
 * Reads `unix://PATH`, a bare path, `tcp://HOST:PORT`, and `docker://` with nothing, a path or one of the former behind it.
 * @throws DockerError invalid
 */
export function parseAddress(address: string): BuildKitAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s.exec(address) ?? ['', '', address];
  switch (scheme) {
    case 'docker':
      return { docker: true, endpoint: rest === '' ? unix(DOCKER_SOCKET, address) : parseAddress(rest).endpoint };
    case 'unix':
      return { docker: false, endpoint: unix(rest, address) };
    case 'tcp':
      return { docker: false, endpoint: tcp(rest, address) };
    case '':
      if (rest.startsWith('/')) return { docker: false, endpoint: unix(rest, address) };
      throw invalid(address, `it has to be ${forms}`);
    default:
      throw invalid(address, `${scheme}:// is not supported, it has to be ${forms}`);
  }
}

function unix(path: string, address: string): Endpoint {
  if (path === '') throw invalid(address, 'it names no socket');
  return { kind: 'unix', path: path.startsWith('@') ? `\0${path.slice(1)}` : path };
}

function tcp(rest: string, address: string): Endpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) throw invalid(address, 'it has to be tcp://HOST:PORT');
  return { kind: 'tcp', host, port };
}

function invalid(address: string, why: string): DockerError {
  return new DockerError('invalid', `invalid BuildKit address "${address}": ${why}`);
}
