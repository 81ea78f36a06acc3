import { DockerError } from '../../docker/errors.ts';
import {
  isIndexType,
  isLayerType,
  isManifestType,
  type OciDescriptor,
  parseImage,
  parseManifest,
} from '../../docker/oci.ts';
import { formatPlatform, matchPlatform, type Platform, parsePlatform } from '../../docker/platform.ts';
import { formatFamiliar } from '../../docker/reference.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { FetchedManifest } from '../../registry/client.ts';
import { indexGcLabels, manifestGcLabels, readDocument, sha256, writeDocument } from './content.ts';
import { downloadBlob } from './download.ts';
import { type ReadIndex, walkIndex } from './index-walk.ts';
import type { ImageToPull, PullContext, PullOptions } from './pull-context.ts';
import { matchesConfig, orderManifests, platformOf } from './view.ts';

/** What a root stands for: the images that are wanted of it, the best first, and the indexes on the way to them. */
export interface FetchedImages {
  images: ImageToPull[];
  indexes: ReadIndex[];
}

/** Fetches manifests and configs, in parallel, into the content store. */
export async function fetchImages(context: PullContext, root: FetchedManifest): Promise<FetchedImages> {
  const { desc } = root;
  if (isManifestType(desc.mediaType)) return { images: [await fetchImage(context, desc, root)], indexes: [] };
  if (!isIndexType(desc.mediaType)) {
    throw new DockerError(
      'not-implemented',
      `unsupported manifest media type and no default available: ${desc.mediaType}`,
    );
  }
  const { allPlatforms } = context.options;
  const platform = wantedPlatform(context.options);
  const isWanted = (each: OciDescriptor): boolean =>
    allPlatforms || !each.platform || matchPlatform(platform, platformOf(each.platform));
  const { manifests, indexes } = await walkIndex(root, async (each) =>
    isWanted(each) ? fetchManifest(context, each) : undefined,
  );
  const ordered = allPlatforms ? orderManifests(manifests) : orderManifests(manifests, platform).slice(0, 1);
  if (ordered.length === 0) {
    throw new DockerError(
      'not-found',
      `no matching manifest for ${formatPlatform(platform)} in the manifest list entries`,
    );
  }
  // Attestations are for who passes the whole index on.
  const others = allPlatforms ? manifests.filter((each) => !ordered.includes(each)) : [];
  return {
    images: await Promise.all([...ordered, ...others].map((each) => fetchImage(context, each, root))),
    indexes,
  };
}

/** Stores the indexes, the outermost last, so that whoever finds one finds what it names. */
export async function storeIndexes({ c, source }: PullContext, indexes: readonly ReadIndex[]): Promise<void> {
  for (const { desc, bytes, index } of indexes) {
    await writeDocument(c, { digest: desc.digest, size: bytes.length }, bytes, { ...source, ...indexGcLabels(index) });
  }
}

const wantedPlatform = (options: PullOptions): Platform =>
  options.platform === undefined ? hostPlatform() : parsePlatform(options.platform, hostPlatform());

async function fetchImage(context: PullContext, desc: OciDescriptor, root: FetchedManifest): Promise<ImageToPull> {
  const { c, source, options } = context;
  const bytes = desc.digest === root.desc.digest ? root.bytes : await fetchManifest(context, desc);
  const manifest = parseManifest(bytes, `manifest ${desc.digest}`);
  const other = manifest.layers.find(({ mediaType }) => !isLayerType(mediaType))?.mediaType;
  if (other !== undefined && !options.allPlatforms) {
    throw new DockerError(
      'invalid',
      `${formatFamiliar(context.reference)} is no container image: it has a layer of type ${other}`,
    );
  }
  const config = await fetchConfig(context, manifest.config);
  await writeDocument(c, { digest: desc.digest, size: bytes.length }, bytes, {
    ...source,
    ...manifestGcLabels(manifest),
  });
  const isImage = other === undefined;
  return { desc, manifest, config: isImage ? parseImage(config, `config ${manifest.config.digest}`) : undefined };
}

/** From the content store if it is there. */
async function fetchManifest({ c, repository }: PullContext, desc: OciDescriptor): Promise<Uint8Array> {
  const bytes = (await readDocument(c, desc)) ?? (await repository.manifest(desc.digest)).bytes;
  if (bytes.length === desc.size) return bytes;
  throw new DockerError('invalid', `manifest ${desc.digest} has ${bytes.length} bytes, its index says ${desc.size}`);
}

/** Small, so held in memory. */
async function fetchConfig(context: PullContext, desc: OciDescriptor): Promise<Uint8Array> {
  const { c, repository, source, engine } = context;
  await downloadBlob(c, repository, desc, { signal: engine.signal, labels: source });
  const bytes = await readDocument(c, desc);
  if (!bytes || sha256(bytes) !== desc.digest)
    throw new DockerError('system', `config ${desc.digest} could not be read back`);
  return bytes;
}

/** An image outside an index is pulled for whatever platform it is; docker's warning where another one was asked for. */
export function platformWarning(
  [image]: readonly ImageToPull[],
  { options, reference }: PullContext,
): string | undefined {
  if (options.platform === undefined || options.allPlatforms || !image?.config || image.desc.platform) return undefined;
  const wanted = wantedPlatform(options);
  if (matchesConfig(wanted, image.config)) return undefined;
  const found = formatPlatform(platformOf(image.config));
  return `image with reference ${formatFamiliar(reference)} was found but its platform (${found}) does not match the specified platform (${formatPlatform(wanted)})`;
}
