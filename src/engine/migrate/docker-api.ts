import { type IncomingMessage, request } from 'node:http';
import { DockerError } from '../../docker/errors.ts';

/** `GET /images/json` of the Docker Engine API, as far as a move needs it. */
export interface DockerImage {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Size: number;
}

/** `GET /volumes`. */
export interface DockerVolume {
  Name: string;
  Driver: string;
  Mountpoint: string;
  Labels: Record<string, string> | null;
  Options: Record<string, string> | null;
}

/** `GET /containers/json?all=1`. */
export interface DockerContainer {
  Names: string[];
  State: string;
  Mounts: { Type: string; Name?: string }[];
}

/** `GET /networks`. */
export interface DockerNetwork {
  Name: string;
}

/** A docker daemon, read only. */
export interface DockerApi {
  images(): Promise<DockerImage[]>;
  volumes(): Promise<DockerVolume[]>;
  containers(): Promise<DockerContainer[]>;
  networks(): Promise<DockerNetwork[]>;
  /** `docker save` of an image under these names. */
  save(names: readonly string[]): Promise<IncomingMessage>;
}

/** @param host `unix:///path`; volumes are read from their directories, so a daemon elsewhere is of no use */
export function dockerApi(host: string, signal: AbortSignal): DockerApi {
  const socketPath = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (socketPath === undefined) {
    throw new DockerError(
      'invalid',
      `invalid docker host "${host}": volumes can only be read from a docker on this machine, at unix:///PATH`,
    );
  }
  const get = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({ socketPath, path, headers: { Host: 'docker' }, signal, agent: false }, resolve);
      call.once('error', (error: NodeJS.ErrnoException) => reject(signal.aborted ? error : unreachable(host, error)));
      call.end();
    }).then(checked);
  const json = async <T>(path: string) => JSON.parse(await text(await get(path))) as T;
  return {
    images: () => json('/images/json'),
    volumes: async () => (await json<{ Volumes: DockerVolume[] | null }>('/volumes')).Volumes ?? [],
    containers: () => json('/containers/json?all=1'),
    networks: () => json('/networks'),
    save: (names) => get(`/images/get?${names.map((name) => `names=${encodeURIComponent(name)}`).join('&')}`),
  };
}

async function checked(response: IncomingMessage): Promise<IncomingMessage> {
  if (response.statusCode === 200) return response;
  const body = await text(response);
  let message = body.trim();
  try {
    message = (JSON.parse(body) as { message: string }).message;
  } catch {
    // not docker's own words
  }
  throw new DockerError('system', `docker answered with ${response.statusCode}: ${message}`);
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function unreachable(host: string, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EACCES') {
    return new DockerError('unavailable', `permission denied at the docker daemon's socket ${host}: run this as root`);
  }
  if (error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') return error;
  return new DockerError(
    'unavailable',
    `cannot connect to docker at ${host}: is the docker daemon running? Start it, or name its socket with --docker-host`,
  );
}
