import { randomBytes } from 'node:crypto';
import type { BuildKit } from '../../buildkit/client.ts';
import { DockerError } from '../../docker/errors.ts';
import type { BuildRequest } from './request.ts';
import { inPlaceOfFrontend, type PlaceOptions } from './solve.ts';

export const attestsSomething = ({ attests }: BuildRequest): boolean =>
  [...attests.values()].some((parameters) => parameters !== null);

/**
 * An old BuildKit passes over what is to be attested, and says nothing.
 * @throws DockerError `not-implemented`, in buildx's words
 */
export async function checkAttestations(
  client: BuildKit,
  request: BuildRequest,
  options: Omit<PlaceOptions, 'ref'>,
): Promise<void> {
  if (!attestsSomething(request)) return;
  const place = { ref: randomBytes(16).toString('hex'), ...options };
  const capabilities = await inPlaceOfFrontend(client, place, (asking) => client.capabilities(asking));
  if (capabilities.has('exporter.image.attestations')) return;
  throw new DockerError('not-implemented', 'Attestations are not supported by the current BuildKit daemon');
}
