import { isIP } from 'node:net';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';

/** PEM. */
export interface TlsMaterial {
  /** The authorities that may have signed the server's certificate; Node's when missing. */
  ca?: string;
  cert?: string;
  key?: string;
  /** The name that the server's certificate must have, instead of the host dialled. */
  serverName?: string;
}

/** @throws OpenSSL's error when the material cannot be used */
export function dialTls(host: string, port: number, { ca, cert, key, serverName }: TlsMaterial): () => TLSSocket {
  const secureContext = createSecureContext({ ca, cert, key });
  const name = serverName ?? host;
  // An address is no server name (RFC 6066), but it is what the certificate is checked against.
  const servername = isIP(name) ? '' : name;
  return () => {
    const socket = connect({ host, port, secureContext, servername, ALPNProtocols: ['h2'] });
    socket.setNoDelay(true);
    return socket;
  };
}
