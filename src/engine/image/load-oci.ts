import { DockerError, isDockerError } from '../../docker/errors.ts';
import {
  isDigest,
  isIndexType,
  isLayerType,
  isManifestType,
  type OciDescriptor,
  parseImage,
  parseIndex,
  parseJson,
  parseManifest,
  sniffManifestType,
} from '../../docker/oci.ts';
import { formatPlatform, matchPlatform, type Platform } from '../../docker/platform.ts';
import { normalizeReference, tryParseReference } from '../../docker/reference.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { ImageArchive } from './archive.ts';
import { indexGcLabels, manifestGcLabels, sha256, writeDocument } from './content.ts';
import type { DraftManifest, ImageDraft } from './draft.ts';
import { allEnded } from './limit.ts';
import { manifestEntries } from './load-docker.ts';
import { isRunnable, platformOf } from './view.ts';

/** Deeper nesting of indexes is of no use and could be endless. */
const maxDepth = 4;

/**
 * Reads an OCI image layout, with the names that docker, containerd and skopeo put into `index.json`.
 * @param wanted platforms; the rest of an index is left out, attestations too. Empty: everything
 */
export async function readOciLayout(
  c: Containerd,
  archive: ImageArchive,
  wanted: readonly Platform[],
): Promise<ImageDraft[]> {
  const index = parseIndex(await archive.document('index.json'), 'index.json of the archive');
  const dockerNames = archive.has('manifest.json') ? await namesByConfig(archive) : new Map<string, string[]>();
  const drafts = new Map<string, ImageDraft>();
  for (const desc of index.manifests) {
    if (!isRunnable(desc)) continue;
    let draft = drafts.get(desc.digest);
    if (!draft) {
      draft = await readTarget(c, archive, desc, { wanted, depth: 0 });
      drafts.set(desc.digest, draft);
    }
    const name = nameOf(desc);
    const configs = draft.manifests.map(({ manifest }) => manifest.config.digest);
    const names = name === undefined ? configs.flatMap((digest) => dockerNames.get(digest) ?? []) : [name];
    draft.names.push(...names.filter((each) => !draft.names.includes(each)));
  }
  return [...drafts.values()];
}

function nameOf(desc: OciDescriptor): string | undefined {
  const full = desc.annotations?.['io.containerd.image.name'];
  if (full !== undefined) return normalizeReference(full);
  // skopeo writes a bare tag, or a whole reference.
  const ref = desc.annotations?.['org.opencontainers.image.ref.name'];
  if (ref === undefined || !/[:/]/.test(ref) || !tryParseReference(ref)) return undefined;
  return normalizeReference(ref);
}

async function namesByConfig(archive: ImageArchive): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  for (const entry of await manifestEntries(archive)) {
    const hex = /([0-9a-f]{64})(?:\.json)?$/.exec(entry.Config)?.[1];
    if (hex) names.set(`sha256:${hex}`, (entry.RepoTags ?? []).map(normalizeReference));
  }
  return names;
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

async function readTarget(
  c: Containerd,
  archive: ImageArchive,
  desc: OciDescriptor,
  options: { wanted: readonly Platform[]; depth: number },
): Promise<ImageDraft> {
  const { wanted, depth } = options;
  const bytes = await verifiedDocument(archive, desc);
  const type = sniffManifestType(parseJson(bytes, blobPath(desc.digest))) ?? desc.mediaType;
  const target: OciDescriptor = { mediaType: type, digest: desc.digest, size: bytes.length };
  if (isManifestType(type)) {
    return { target, manifests: [await readManifest(c, archive, target, bytes)], names: [] };
  }
  if (!isIndexType(type) || depth === maxDepth) {
    throw new DockerError('invalid', `the archive holds a manifest of a kind that cannot be loaded: ${type}`);
  }
  const index = parseIndex(bytes, blobPath(desc.digest));
  const manifests: DraftManifest[] = [];
  for (const child of index.manifests) {
    if (!archive.has(blobPath(child.digest))) continue;
    const isWanted = (platform: Platform): boolean => wanted.some((each) => matchPlatform(each, platform));
    if (wanted.length > 0 && child.platform && !isWanted(platformOf(child.platform))) continue;
    if (isRunnable(child)) manifests.push(...(await readChild(c, archive, child, { wanted, depth: depth + 1 })));
    else await storeWithChildren(c, archive, child);
  }
  if (manifests.length === 0 && wanted.length > 0) {
    const names = wanted.map(formatPlatform).join(', ');
    throw new DockerError('not-found', `the archive holds no image for platform ${names}`);
  }
  if (manifests.length === 0) {
    throw new DockerError('invalid', `the archive is incomplete: no image of index ${desc.digest} is whole`);
  }
  await writeDocument(c, target, bytes, indexGcLabels(index));
  return { target, manifests, names: [] };
}

/** An archive of one platform keeps the index of all: children whose blobs were left out are no error. */
async function readChild(
  c: Containerd,
  archive: ImageArchive,
  child: OciDescriptor,
  options: { wanted: readonly Platform[]; depth: number },
): Promise<DraftManifest[]> {
  const bytes = await verifiedDocument(archive, child);
  const type = sniffManifestType(parseJson(bytes, blobPath(child.digest))) ?? child.mediaType;
  if (isIndexType(type)) return (await readTarget(c, archive, child, options)).manifests;
  const manifest = parseManifest(bytes, blobPath(child.digest));
  const blobs = [manifest.config, ...manifest.layers];
  if (!blobs.every((blob) => archive.has(blobPath(blob.digest)))) return [];
  return [await readManifest(c, archive, { ...child, mediaType: type }, bytes)];
}

async function readManifest(
  c: Containerd,
  archive: ImageArchive,
  desc: OciDescriptor,
  bytes: Uint8Array,
): Promise<DraftManifest> {
  const manifest = parseManifest(bytes, blobPath(desc.digest));
  if (!manifest.layers.every((layer) => isLayerType(layer.mediaType))) {
    throw new DockerError('invalid', `the archive holds ${desc.digest}, which is an artifact and no container image`);
  }
  const configBytes = await verifiedDocument(archive, manifest.config);
  const config = parseImage(configBytes, blobPath(manifest.config.digest));
  await writeDocument(c, manifest.config, configBytes);
  await writeDocument(c, { digest: desc.digest, size: bytes.length }, bytes, manifestGcLabels(manifest));
  const stored = (layer: OciDescriptor): Promise<void> => storeBlob(archive, layer);
  return { desc: { ...desc, size: bytes.length }, manifest, config, stored };
}

/** Attestations are kept so that the image can be saved or pushed with the digest it came with. */
async function storeWithChildren(c: Containerd, archive: ImageArchive, desc: OciDescriptor): Promise<void> {
  const bytes = await verifiedDocument(archive, desc);
  try {
    const manifest = parseManifest(bytes, blobPath(desc.digest));
    const blobs = [manifest.config, ...manifest.layers];
    if (!blobs.every((blob) => archive.has(blobPath(blob.digest)))) return;
    await allEnded(blobs.map((blob) => storeBlob(archive, blob)));
    await writeDocument(c, { digest: desc.digest, size: bytes.length }, bytes, manifestGcLabels(manifest));
  } catch (error) {
    if (!isDockerError(error, 'invalid')) throw error;
  }
}

async function storeBlob(archive: ImageArchive, desc: OciDescriptor): Promise<void> {
  const stored = await archive.blob(blobPath(desc.digest));
  if (stored.digest !== desc.digest || stored.size !== desc.size) {
    throw new DockerError(
      'invalid',
      `the archive is corrupt: ${desc.digest} should have ${desc.size} bytes and has ${stored.size}`,
    );
  }
}

async function verifiedDocument(archive: ImageArchive, desc: OciDescriptor): Promise<Uint8Array> {
  if (!isDigest(desc.digest)) throw new DockerError('invalid', `the archive names an invalid digest: ${desc.digest}`);
  const bytes = await archive.document(blobPath(desc.digest));
  const digest = sha256(bytes);
  if (digest !== desc.digest) {
    throw new DockerError(
      'invalid',
      `archive entry ${blobPath(desc.digest)} is corrupt: its content has digest ${digest}`,
    );
  }
  return bytes;
}
