import { RegistryError } from './errors.ts';

const connectionWords: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the server',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved at present',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EPIPE: 'connection closed by the server',
  EPROTO: 'the server does not speak TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'certificate has expired',
};

/** Of a connection that could not be made, or broke: in words that name the registry. */
export function connectionError(error: NodeJS.ErrnoException, where: string): RegistryError {
  const code = error.code ?? '';
  const reason = connectionWords[code] ?? (code.startsWith('ERR_SSL_') ? tlsReason(code) : error.message || code);
  const final = /CERT|SIGNATURE|ALTNAME|SSL|EPROTO|ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(code);
  return new RegistryError(`cannot reach registry ${where}: ${reason}`, { temporary: !final, cause: error });
}

/** OpenSSL's own messages are of the kind of `80CC24FD527F0000:error:0A000412:SSL routines:ssl3_read_bytes:…`. */
function tlsReason(code: string): string {
  if (/WRONG_VERSION|PACKET_LENGTH/.test(code)) return 'the server does not speak TLS';
  if (/ALERT_(BAD_CERTIFICATE|CERTIFICATE_REQUIRED|UNKNOWN_CA|CERTIFICATE_UNKNOWN)/.test(code)) {
    return 'the server wants a client certificate that it knows';
  }
  return code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ');
}

/** The answer of the server to the handshake was something else. */
export function speaksNoTls(error: unknown): boolean {
  const { code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return /WRONG_VERSION|PACKET_LENGTH|EPROTO/.test(code);
}
