import { DockerError } from '../../docker/errors.ts';
import { isIndexType, type OciDescriptor, type OciIndex, parseIndex, parseManifest } from '../../docker/oci.ts';
import { parsePlatform } from '../../docker/platform.ts';
import {
  familiarName,
  formatFamiliar,
  idPrefix,
  parseReference,
  type Reference,
  repositoryName,
  tryParseReference,
} from '../../docker/reference.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { hasContent, readDocument } from './content.ts';
import { isDangling } from './records.ts';
import { findRecords } from './store.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-header.ts';
import { type ImageView, isRunnable, viewImage } from './view.ts';

export interface SaveOptions {
  /** Only these of a multi-platform image. */
  platforms?: readonly string[];
  allPlatforms?: boolean;
}

/** An image to write: the manifest for manifest.json, the target for index.json, and what both need. */
interface SavedImage {
  view: ImageView;
  target: OciDescriptor;
  tags: Reference[];
  blobs: OciDescriptor[];
}

/**
 * A docker archive that is an OCI layout as well, as docker writes it since 25: what docker 1.10 and later, podman,
 * skopeo and containerd load. Blobs are written as they are stored, so digests and the image ID stay.
 * Everything is checked before the first byte is given out.
 * @param refs names, names without tag (all tags of the repository, as in docker), or image IDs
 */
export async function* saveImages(
  engine: Engine,
  refs: readonly string[],
  options: SaveOptions = {},
): AsyncGenerator<Uint8Array> {
  const c = engine.containerd;
  const images = await collectImages(c, refs, options);
  const blobs = new Map<string, OciDescriptor>();
  for (const blob of images.flatMap((image) => image.blobs)) blobs.set(blob.digest, blob);

  yield tarHeader('blobs/', 0, 'directory');
  yield tarHeader('blobs/sha256/', 0, 'directory');
  for (const blob of blobs.values()) {
    yield tarHeader(blobPath(blob.digest), blob.size);
    let left = blob.size;
    for await (const chunk of c.content.read(blob.digest)) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0)
      throw new DockerError('system', `blob ${blob.digest} does not have the ${blob.size} bytes it should`);
    yield tarPadding(blob.size);
  }
  const documents: [string, unknown][] = [
    ['index.json', indexJson(images)],
    ['manifest.json', images.map(manifestEntry)],
    ['oci-layout', { imageLayoutVersion: '1.0.0' }],
    ['repositories', repositories(images)],
  ];
  for (const [name, value] of documents) {
    const bytes = Buffer.from(JSON.stringify(value));
    yield tarHeader(name, bytes.length);
    yield bytes;
    yield tarPadding(bytes.length);
  }
  yield tarEnd;
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

function manifestEntry({ view, tags }: SavedImage): object {
  return {
    Config: blobPath(view.imageId),
    RepoTags: tags.length === 0 ? null : tags.map(formatFamiliar),
    Layers: view.manifest.layers.map((layer) => blobPath(layer.digest)),
  };
}

function indexJson(images: readonly SavedImage[]): OciIndex {
  const manifests = images.flatMap(({ target, tags }) => {
    const { mediaType, digest, size } = target;
    if (tags.length === 0) return [{ mediaType, digest, size }];
    return tags.map((tag) => ({
      mediaType,
      digest,
      size,
      annotations: {
        'io.containerd.image.name': `${repositoryName(tag)}:${tag.tag}`,
        'org.opencontainers.image.ref.name': tag.tag ?? '',
      },
    }));
  });
  return { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
}

function repositories(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const all: Record<string, Record<string, string>> = {};
  for (const { view, tags } of images) {
    const top = view.manifest.layers.at(-1)?.digest.replace(/^sha256:/, '') ?? '';
    for (const tag of tags) {
      const repository = familiarName(tag);
      all[repository] = { ...all[repository], [tag.tag ?? '']: top };
    }
  }
  return all;
}

async function collectImages(c: Containerd, refs: readonly string[], options: SaveOptions): Promise<SavedImage[]> {
  const platforms = (options.platforms ?? []).map((each) => parsePlatform(each, hostPlatform()));
  const byTarget = new Map<string, SavedImage>();
  for (const ref of refs) {
    for (const { record, tag } of await recordsToSave(c, ref)) {
      const digest = record.target?.digest ?? '';
      let image = byTarget.get(digest);
      if (!image) {
        const view = await viewImage(c, record, platforms[0]);
        const others = await Promise.all(platforms.slice(1).map((platform) => viewImage(c, record, platform)));
        image = { view, tags: [], ...(await contentOf(c, view, others, options)) };
        byTarget.set(digest, image);
      }
      const known = (each: Reference): boolean => formatFamiliar(each) === formatFamiliar(tag!);
      if (tag && !image.tags.some(known)) image.tags.push(tag);
    }
  }
  return [...byTarget.values()];
}

async function recordsToSave(c: Containerd, ref: string): Promise<{ record: Image; tag: Reference | undefined }[]> {
  const reference = tryParseReference(ref);
  if (reference && reference.tag === undefined && reference.digest === undefined) {
    const prefix = `${repositoryName(reference)}:`;
    const tagged = (await c.images.list([`name~=${JSON.stringify(`^${prefix.replaceAll('.', '\\.')}`)}`])).filter(
      (image) => image.name.startsWith(prefix),
    );
    if (tagged.length > 0) return tagged.map((record) => ({ record, tag: tagOf(record.name) }));
  }
  const records = await findRecords(c, ref);
  const byId = idPrefix(ref) !== undefined && !(reference && records.length === 1 && matches(records[0]!, reference));
  return records.slice(0, 1).map((record) => ({ record, tag: byId ? undefined : tagOf(record.name) }));
}

function matches(record: Image, reference: Reference): boolean {
  return record.name.startsWith(`${repositoryName(reference)}:`);
}

function tagOf(name: string): Reference | undefined {
  if (isDangling(name)) return undefined;
  const reference = parseReference(name);
  return reference.tag === undefined ? undefined : { ...reference, digest: undefined };
}

/**
 * The index with what is here of it, as docker with containerd's image store does; with a platform its manifest, with
 * several the index and what it names for them.
 */
async function contentOf(
  c: Containerd,
  view: ImageView,
  others: readonly ImageView[],
  options: SaveOptions,
): Promise<{ target: OciDescriptor; blobs: OciDescriptor[] }> {
  const images = new Map([view, ...others].map((each) => [each.manifestDesc.digest, each]));
  const target = images.size > 1 ? view.target : view.manifestDesc;
  const blobs = [...images.values()].flatMap(({ manifestDesc, manifest }) => [
    manifestDesc,
    manifest.config,
    ...manifest.layers,
  ]);
  if (images.size > 1) blobs.unshift(target);
  const missing = await firstMissing(c, blobs);
  if (missing) {
    throw new DockerError(
      'not-found',
      `image ${view.name} is incomplete: blob ${missing.digest} is missing; pull it again`,
    );
  }
  if (!isIndexType(view.target.mediaType) || options.platforms?.length) return { target, blobs };
  const index = await indexContent(c, view.target);
  if (options.allPlatforms && index.lacksPlatform) {
    throw new DockerError(
      'not-found',
      `image ${view.name} is not here for all its platforms: pull it with --all-platforms first`,
    );
  }
  return { target: view.target, blobs: index.blobs };
}

interface IndexContent {
  /** Each manifest after the index that names it, and with all that it names itself. */
  blobs: OciDescriptor[];
  /** An image, not an attestation, is not here as a whole. */
  lacksPlatform: boolean;
}

async function indexContent(c: Containerd, target: OciDescriptor): Promise<IndexContent> {
  const bytes = await readDocument(c, target);
  if (!bytes) return { blobs: [], lacksPlatform: true };
  const children = await Promise.all(parseIndex(bytes).manifests.map((child) => childContent(c, child)));
  return {
    blobs: [target, ...children.flatMap(({ blobs }) => blobs)],
    lacksPlatform: children.some(({ lacksPlatform }) => lacksPlatform),
  };
}

async function childContent(c: Containerd, child: OciDescriptor): Promise<IndexContent> {
  if (isIndexType(child.mediaType)) return indexContent(c, child);
  const bytes = await readDocument(c, child);
  if (bytes) {
    const manifest = parseManifest(bytes);
    const blobs = [child, manifest.config, ...manifest.layers];
    if (!(await firstMissing(c, blobs))) return { blobs, lacksPlatform: false };
  }
  return { blobs: [], lacksPlatform: isRunnable(child) };
}

async function firstMissing(c: Containerd, blobs: readonly OciDescriptor[]): Promise<OciDescriptor | undefined> {
  const present = await Promise.all(blobs.map((blob) => hasContent(c, blob.digest)));
  return blobs.find((_, i) => !present[i]);
}
