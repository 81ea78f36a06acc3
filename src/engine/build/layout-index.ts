import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mediaType, type OciDescriptor, type OciIndex, parseIndex } from '../../docker/oci.ts';
import { ensureDir, writeFileAtomic } from '../../host/files.ts';

const refName = 'org.opencontainers.image.ref.name';

/** Enters a manifest into the index of an OCI image layout under a tag, which the one before it loses. */
export async function putLayoutEntry(
  dir: string,
  { mediaType: type, digest, size, ...rest }: OciDescriptor,
  tag: string,
): Promise<void> {
  await ensureDir(dir);
  const before = readIndex(dir);
  const annotations = { ...rest.annotations, [refName]: tag };
  const others = before.manifests.filter((each) => each.annotations?.[refName] !== tag && each.digest !== digest);
  const index: OciIndex = {
    ...before,
    manifests: [...others, { mediaType: type, digest, size, ...rest, annotations }],
  };
  await writeFileAtomic(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFileAtomic(join(dir, 'index.json'), JSON.stringify(index));
}

function readIndex(dir: string): OciIndex {
  try {
    return parseIndex(readFileSync(join(dir, 'index.json')), join(dir, 'index.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] };
  }
}
