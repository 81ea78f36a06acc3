import type { Readable } from 'node:stream';
import { DockerError } from '../docker/errors.ts';
import { isRegistryError } from './errors.ts';
import { httpClient, redacted } from './http.ts';

/**
 * The content of a file on any web server, redirects followed.
 * @throws DockerError `system` or `not-found`, without user information and query of the address
 */
export async function openWebFile(address: string, signal: AbortSignal): Promise<Readable> {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw new DockerError('invalid', `${JSON.stringify(address)} is not an address`, { cause });
  }
  const host = { url: url.origin, mirror: false, skipVerify: false, plainFallback: false, ca: [], client: [] };
  const client = httpClient({ ...host, capabilities: new Set(), headers: {} }, { userAgent: 'nerdctl' });
  try {
    const { status, body } = await client.send({ method: 'GET', url: url.href, signal });
    if (status !== 200) {
      body.destroy();
      const words = body.statusMessage ? ` ${body.statusMessage}` : '';
      throw new DockerError('not-found', `failed to GET ${redacted(url)} with status ${status}${words}`);
    }
    body.on('close', () => client.close());
    return body;
  } catch (error) {
    client.close();
    if (!isRegistryError(error)) throw error;
    const reason = error.message.replace(/^cannot reach registry \S+( through the proxy \S+)?: /, (_, via?: string) =>
      via ? `${via.trim()}: ` : '',
    );
    throw new DockerError('system', `failed to GET ${redacted(url)}: ${reason}`, { cause: error });
  }
}
