import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes, below `dir`, an authority (ca.crt, ca.key) and certificates that it has signed: server.crt and server.key for
 * `names`, client.crt and client.key for a client.
 * @returns why there are none
 */
export function makeCertificates(dir: string, names: readonly string[]): string | undefined {
  mkdirSync(dir, { recursive: true });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  writeFileSync(join(dir, 'names'), `subjectAltName=${names.join(',')}`);
  try {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca');
    for (const name of ['server', 'client']) {
      const asked = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
      openssl('req', '-newkey', 'rsa:2048', '-nodes', ...asked);
      const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
      openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`);
    }
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return 'this machine lacks openssl';
  }
}
