import { DockerError } from '../docker/errors.ts';
import { isRpcError } from '../grpc/status.ts';

/** The system's words name the address once more, and OpenSSL's name its source files. */
const reasons: Record<string, string> = {
  ENOENT: 'no such socket',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ENOTSOCK: 'it is not a socket',
  EPROTO: 'the server does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an unknown authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
};

/** The sentence for a BuildKit that cannot be reached, or that went away; any other error as it is. */
export function connectionError(error: unknown, address: string): unknown {
  if (!isRpcError(error) || !error.transport) return error;
  const cause = error.cause as (NodeJS.ErrnoException & { reason?: string }) | undefined;
  const code = cause?.code ?? '';
  if (/^ERR_SSL_(TLSV\d+|SSLV3)_ALERT_/.test(code)) return unreachable(address, alertReason(code), error);
  if (error.transport === 'lost') {
    const why = code === 'ETIMEDOUT' ? 'it does not answer any more' : 'it has ended, or was restarted';
    const sentence = `lost the connection to BuildKit at ${address}: ${why}`;
    return new DockerError('unavailable', sentence, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const sentence = `permission denied while trying to connect to BuildKit at ${address}`;
    return new DockerError('denied', sentence, { cause: error });
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return unreachable(address, `its certificate is for another name: ${cause?.reason ?? ''}`, error);
  }
  return unreachable(address, reasons[code] ?? error.details, error);
}

function unreachable(address: string, why: string, cause: unknown): DockerError {
  return new DockerError('unavailable', `cannot connect to BuildKit at ${address}: ${why}`, { cause });
}

/** TLS 1.3 servers refuse a client's certificate after the handshake is over for the client. */
function alertReason(code: string): string {
  if (code.endsWith('CERTIFICATE_REQUIRED')) return 'the server wants a client certificate';
  const words = code
    .replace(/^.*_ALERT_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
  return `the server refuses the TLS handshake (${words})`;
}
