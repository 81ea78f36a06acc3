import { DockerError } from '../../docker/errors.ts';
import {
  isIndexType,
  isManifestType,
  type OciDescriptor,
  type OciImage,
  type OciManifest,
  type OciPlatform,
  parseImage,
  parseJson,
  parseManifest,
  sniffManifestType,
} from '../../docker/oci.ts';
import {
  formatPlatform,
  matchPlatform,
  normalizePlatform,
  type Platform,
  platformRank,
} from '../../docker/platform.ts';
import { formatFamiliar, tryParseReference } from '../../docker/reference.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import { chainIds } from './chain.ts';
import { readDocument } from './content.ts';
import { walkIndex } from './index-walk.ts';

/** One image name and the manifest of it that is used on this host. */
export interface ImageView {
  /** The fully qualified name, `docker.io/library/busybox:latest`. */
  name: string;
  target: OciDescriptor;
  /** The same as `target` unless that is an index. */
  manifestDesc: OciDescriptor;
  manifest: OciManifest;
  config: OciImage;
  platform: Platform;
  /** Bottom first. */
  chainIds: string[];
  /** The top layer's: the snapshot a container starts from. Empty for an image without layers. */
  chainId: string;
  /** The digest of the config: what docker shows as the image ID. */
  imageId: string;
  record: Image;
}

/**
 * Reads index, manifest and config of an image.
 * @param platform the one asked for; without it the host's, or else the first one that is there
 * @throws DockerError not-found when the platform, or its content, is not there
 */
export async function viewImage(c: Containerd, record: Image, platform?: Platform): Promise<ImageView> {
  const target = record.target as OciDescriptor | undefined;
  if (!target) throw new DockerError('system', `the image record ${record.name} has no target`);
  const candidates = await manifestCandidates(c, target, platform);
  let wrongPlatform: Platform | undefined;
  for (const manifestDesc of candidates) {
    const view = await viewManifest(c, record, target, manifestDesc);
    if (!view) continue;
    if (!platform || manifestDesc.platform || matchesConfig(platform, view.config)) return view;
    wrongPlatform = view.platform;
  }
  throw missingPlatform(record.name, platform, wrongPlatform);
}

function missingPlatform(full: string, wanted?: Platform, found?: Platform): DockerError {
  const reference = tryParseReference(full);
  const name = reference ? formatFamiliar(reference) : full;
  if (wanted && found) {
    return new DockerError(
      'not-found',
      `image with reference ${name} was found but its platform (${formatPlatform(found)}) does not match the specified platform (${formatPlatform(wanted)})`,
    );
  }
  const platform = wanted ? ` for ${formatPlatform(wanted)}` : '';
  return new DockerError('not-found', `image ${name} has no content${platform} on this host: pull it again`);
}

/** The manifests of the target that may be used, best first; content is not checked. */
export async function manifestCandidates(
  c: Containerd,
  target: OciDescriptor,
  platform?: Platform,
): Promise<OciDescriptor[]> {
  if (isManifestType(target.mediaType)) return [target];
  const bytes = await readDocument(c, target);
  if (!bytes) return [];
  const type = isIndexType(target.mediaType) ? target.mediaType : sniffManifestType(parseJson(bytes, target.digest));
  if (type === undefined || !isIndexType(type)) return [target];
  const { manifests } = await walkIndex({ desc: target, bytes }, (desc) => readDocument(c, desc));
  return orderManifests(manifests, platform);
}

/** Manifests that can be run here, best first. Attestations (platform `unknown/unknown`) are never among them. */
export function orderManifests(manifests: readonly OciDescriptor[], platform?: Platform): OciDescriptor[] {
  const images = manifests.filter(isRunnable);
  const wanted = platform ?? hostPlatform();
  const rank = (desc: OciDescriptor): number =>
    desc.platform ? (platformRank(wanted, platformOf(desc.platform)) ?? Number.POSITIVE_INFINITY) : 1000;
  const ranked = images
    .map((desc) => ({ desc, rank: rank(desc) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
  return ranked.filter((entry) => !platform || entry.rank < Number.POSITIVE_INFINITY).map((entry) => entry.desc);
}

/** Whether an image outside an index is for a platform; many configs say `arm` and not which one. */
export function matchesConfig(wanted: Platform, config: OciImage): boolean {
  const found = platformOf(config);
  if (matchPlatform(wanted, found)) return true;
  return !config.variant && found.os === wanted.os && found.architecture === wanted.architecture;
}

/** The platform of a descriptor or an image config; very old ones leave it out. */
export function platformOf(source: Pick<OciPlatform, 'variant'> & { os?: string; architecture?: string }): Platform {
  return normalizePlatform({
    os: source.os || 'linux',
    architecture: source.architecture || 'amd64',
    variant: source.variant,
  });
}

export function isRunnable(desc: OciDescriptor): boolean {
  if (desc.annotations?.['vnd.docker.reference.type'] !== undefined) return false;
  return desc.platform === undefined || desc.platform.os !== 'unknown';
}

/** Undefined when the manifest or its config is not in the content store, or is not an image's. */
async function viewManifest(
  c: Containerd,
  record: Image,
  target: OciDescriptor,
  manifestDesc: OciDescriptor,
): Promise<ImageView | undefined> {
  const bytes = await readDocument(c, manifestDesc);
  if (!bytes) return undefined;
  const manifest = parseManifest(bytes, `manifest ${manifestDesc.digest}`);
  const configBytes = await readDocument(c, manifest.config);
  if (!configBytes) return undefined;
  const config = parseImage(configBytes, `image config ${manifest.config.digest}`);
  const chain = chainIds(config.rootfs.diff_ids);
  return {
    name: record.name,
    target,
    manifestDesc,
    manifest,
    config,
    // An index is believed, also against the config: builders have put the builder's own platform there.
    platform: platformOf(manifestDesc.platform ?? config),
    chainIds: chain,
    chainId: chain.at(-1) ?? '',
    imageId: manifest.config.digest,
    record,
  };
}
