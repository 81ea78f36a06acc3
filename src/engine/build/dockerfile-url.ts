import { randomBytes } from 'node:crypto';
import type { BuildKit } from '../../buildkit/client.ts';
import { DockerError } from '../../docker/errors.ts';
import type { BuildInputs } from './inputs.ts';
import { inPlaceOfFrontend, type PlaceOptions } from './solve.ts';

/** Bytes of a Dockerfile that comes from an address: buildx's limit. */
const limit = 2 << 20;

/** A Dockerfile at an address is fetched by BuildKit, before the build that gets it as a file of ours. */
export async function fetchDockerfile(
  client: BuildKit,
  inputs: BuildInputs,
  options: Omit<PlaceOptions, 'ref'>,
): Promise<void> {
  const url = inputs.dockerfileUrl;
  if (url === undefined) return;
  const text = await inPlaceOfFrontend(client, { ref: randomBytes(16).toString('hex'), ...options }, (place) =>
    client.readHttpFile({ ...place, url, limit: limit + 1 }),
  );
  if (text.length > limit) throw new DockerError('invalid', `Dockerfile ${url} bigger than allowed max size`);
  inputs.dirs.dockerfile = { files: new Map([['Dockerfile', text]]) };
}
