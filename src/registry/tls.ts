import { existsSync, readFileSync } from 'node:fs';
import type { AgentOptions } from 'node:https';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { RegistryHost } from './hosts.ts';

/** @param own whether it is for the host itself, which alone sees the client certificate, or where it redirects to */
export function tlsOptions(host: RegistryHost, own: boolean): AgentOptions {
  return { rejectUnauthorized: !host.skipVerify, secureContext: secureContext(host, own) };
}

function secureContext(host: RegistryHost, own: boolean): SecureContext {
  const system = systemRoots();
  // Several pairs may be for several key types; the handshake takes the fitting one.
  const client = own ? host.client : [];
  return createSecureContext({
    ca: [...(system === undefined ? rootCertificates : [system]), ...host.ca],
    ...(client.length > 0 && { cert: client.map(({ cert }) => cert), key: client.map(({ key }) => key) }),
  });
}

/** The authorities that the machine's owner trusts, which Node would not look at. */
function systemRoots(): string | undefined {
  const candidates = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];
  const path = candidates.find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : readFileSync(path, 'utf8');
}
