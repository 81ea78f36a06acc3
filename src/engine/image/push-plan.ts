import { DockerError } from '../../docker/errors.ts';
import {
  isIndexType,
  isManifestType,
  mediaType,
  type OciDescriptor,
  type OciManifest,
  parseImage,
  parseManifest,
} from '../../docker/oci.ts';
import { formatPlatform, isSamePlatform, type Platform, parsePlatform } from '../../docker/platform.ts';
import { formatFamiliar, tryParseReference } from '../../docker/reference.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { hasContent, readDocument, sha256 } from './content.ts';
import { walkIndex } from './index-walk.ts';
import { isRunnable, platformOf } from './view.ts';

export interface PlatformChoice {
  /** As `--platform` takes them; empty: the image as it is. */
  platforms: readonly string[];
  /** Nothing may be missing. */
  allPlatforms: boolean;
}

interface Document {
  desc: OciDescriptor;
  bytes: Uint8Array;
}

export interface PlannedManifest extends Document {
  manifest: OciManifest;
}

/** What one name stands for at the registry. */
export interface PushPlan {
  /** What the tag is to mean. */
  root: Document;
  /** Manifests whose content is all here, the root among them unless that is an index. */
  manifests: PlannedManifest[];
  /** Indexes in the root, the inner ones first. */
  indexes: Document[];
  /** What the index names and is not here: the registry must have it. */
  missing: OciDescriptor[];
  /** The index of which the root is a part. */
  reducedFrom?: string;
}

/**
 * Decides what to push. Documents stay what they are, byte for byte, so that digests do; only an index of which a part is
 * chosen is written anew.
 * @throws DockerError not-found when content is missing that was asked for
 */
export async function planPush(
  c: Containerd,
  name: string,
  target: OciDescriptor,
  choice: PlatformChoice,
): Promise<PushPlan> {
  const bytes = await readDocument(c, target);
  if (!bytes) throw new DockerError('not-found', `image ${name} has no content on this host: pull it again`);
  const root = { desc: target, bytes };
  const wanted = choice.platforms.map((platform) => parsePlatform(platform, hostPlatform()));
  if (!isIndexType(target.mediaType)) {
    const manifest = await readManifest(c, target);
    if (!manifest) throw new DockerError('not-found', `image ${name} is incomplete on this host: pull it again`);
    await checkPlatform(c, name, manifest, wanted);
    return { root, manifests: [manifest], indexes: [], missing: [] };
  }
  const whole = await walkIndex(root, (desc) => readDocument(c, desc));
  const found = await Promise.all(whole.manifests.map((desc) => readChild(c, desc)));
  const manifests = found.filter((child) => child !== undefined);
  if (wanted.length > 0) return chosenPlatforms(name, root, manifests, wanted);
  const missing = [...whole.missing, ...whole.manifests.filter((_, i) => found[i] === undefined)];
  if (choice.allPlatforms && missing.length > 0) {
    const names = missing.map((desc) =>
      desc.platform && isRunnable(desc) ? formatPlatform(platformOf(desc.platform)) : desc.digest,
    );
    throw new DockerError('not-found', `image ${name} has no content for ${names.join(', ')} on this host`);
  }
  if (!manifests.some(({ desc }) => isRunnable(desc))) {
    throw new DockerError('not-found', `image ${name} has no content on this host: pull it again`);
  }
  return { root, manifests, indexes: whole.indexes.slice(0, -1), missing };
}

/** The part of an index that is here, for a registry that has not got the rest. */
export function withoutMissing({ root, manifests }: PushPlan): PushPlan {
  const images = manifests.filter(({ desc }) => isRunnable(desc));
  return { ...part(root, manifests, images), reducedFrom: root.desc.digest };
}

function chosenPlatforms(
  name: string,
  root: PushPlan['root'],
  manifests: readonly PlannedManifest[],
  wanted: readonly Platform[],
): PushPlan {
  const chosen = wanted.map((platform) => {
    const fitting = manifests.find(
      ({ desc }) => isRunnable(desc) && desc.platform && isSamePlatform(platform, platformOf(desc.platform)),
    );
    if (!fitting) throw notProvided(name, platform);
    return fitting;
  });
  return part(root, manifests, [...new Set(chosen)]);
}

/** One image for itself; of several an index with their entries, and the attestations that are about them. */
function part(
  root: PushPlan['root'],
  manifests: readonly PlannedManifest[],
  images: readonly PlannedManifest[],
): PushPlan {
  const [only] = images;
  if (only && images.length === 1) return { root: only, manifests: [only], indexes: [], missing: [] };
  const digests = new Set(images.map(({ desc }) => desc.digest));
  const kept = manifests.filter(({ desc }) => {
    const subject = desc.annotations?.['vnd.docker.reference.digest'];
    return digests.has(desc.digest) || (subject !== undefined && digests.has(subject));
  });
  const index = JSON.parse(Buffer.from(root.bytes).toString()) as { manifests: OciDescriptor[] };
  index.manifests = kept.map(({ desc }) => desc);
  const bytes = Buffer.from(JSON.stringify(index));
  const desc = { mediaType: root.desc.mediaType, digest: sha256(bytes), size: bytes.length };
  return { root: { desc, bytes }, manifests: kept, indexes: [], missing: [] };
}

/** Undefined when the manifest or any blob of it is not here. */
async function readChild(c: Containerd, desc: OciDescriptor): Promise<PlannedManifest | undefined> {
  return isManifestType(desc.mediaType || mediaType.ociManifest) ? readManifest(c, desc) : undefined;
}

async function readManifest(c: Containerd, desc: OciDescriptor): Promise<PlannedManifest | undefined> {
  const bytes = await readDocument(c, desc);
  if (!bytes) return undefined;
  const manifest = parseManifest(bytes, `manifest ${desc.digest}`);
  const present = await Promise.all(blobsOf(manifest).map(({ digest }) => hasContent(c, digest)));
  if (present.includes(false)) return undefined;
  const type = desc.mediaType || manifest.mediaType || mediaType.ociManifest;
  return { desc: { ...desc, mediaType: type }, bytes, manifest };
}

async function checkPlatform(
  c: Containerd,
  name: string,
  { manifest }: PlannedManifest,
  wanted: readonly Platform[],
): Promise<void> {
  if (wanted.length === 0) return;
  const bytes = await readDocument(c, manifest.config);
  const found = platformOf(parseImage(bytes ?? new Uint8Array(), `config ${manifest.config.digest}`));
  const other = wanted.find((platform) => !isSamePlatform(platform, found));
  if (other !== undefined) throw notProvided(name, other);
}

function notProvided(name: string, platform: Platform): DockerError {
  const known = tryParseReference(name);
  return new DockerError(
    'not-found',
    `image with reference ${known ? formatFamiliar(known) : name} was found but does not provide the specified platform (${formatPlatform(platform)})`,
  );
}

/** What is pushed of an image besides its manifest; layers that are not to be distributed are not. */
export function blobsOf(manifest: OciManifest): OciDescriptor[] {
  return [manifest.config, ...manifest.layers.filter((layer) => !isForeign(layer))];
}

/** Layers of Windows that must be fetched from their maker. */
export function isForeign({ mediaType: type }: OciDescriptor): boolean {
  return type.includes('.foreign.') || type.includes('.nondistributable.');
}
