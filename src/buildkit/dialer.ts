import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { DockerError } from '../docker/errors.ts';
import type { Target } from '../grpc/call.ts';
import { dialTcp, dialUnix } from '../grpc/dial.ts';
import { dialTls } from '../grpc/dial-tls.ts';
import { dialUpgrade } from '../grpc/dial-upgrade.ts';
import type { BuildKitAddress } from './address.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The authorities that may have signed the server's certificate. */
  ca?: string;
  /** The client's certificate and its key. */
  cert?: string;
  key?: string;
  /** The name that the server's certificate must have, instead of the host dialled. */
  serverName?: string;
}

export function buildKitDialer({ docker, endpoint }: BuildKitAddress, tls?: TlsFiles) {
  let dial: () => Socket;
  const target: Target = { scheme: 'http', authority: 'localhost' };
  if (endpoint.kind === 'unix') {
    dial = dialUnix(endpoint.path);
  } else {
    const { host, port } = endpoint;
    dial = tls ? tlsDialer(host, port, tls) : dialTcp(host, port);
    if (tls) target.scheme = 'https';
    target.authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
  return { dial: docker ? dialUpgrade(dial) : dial, target };
}

function tlsDialer(host: string, port: number, { ca, cert, key, serverName }: TlsFiles): () => Socket {
  if ((cert === undefined) !== (key === undefined)) {
    throw new DockerError('invalid', 'a TLS client certificate and its key have to be given together');
  }
  const material = { ca: pem(ca), cert: pem(cert), key: pem(key), serverName };
  try {
    return dialTls(host, port, material);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = code.endsWith('KEY_VALUES_MISMATCH')
      ? `${key} is not the key of ${cert}`
      : message.replace(/^error:/, '');
    throw new DockerError('invalid', `the TLS files cannot be used: ${why}`, { cause: error });
  }
}

function pem(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : code;
    throw new DockerError('invalid', `cannot read the TLS file ${path}: ${why}`, { cause: error });
  }
  if (!text.includes('-----BEGIN ')) throw new DockerError('invalid', `the TLS file ${path} is not PEM`);
  return text;
}
