import { isIndexType, type OciDescriptor, parseManifest } from '../../docker/oci.ts';
import { formatPlatform } from '../../docker/platform.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { readDocument } from './content.ts';
import { type ImageDisk, imageDisk } from './disk.ts';
import { walkIndex } from './index-walk.ts';
import { type ImageSummary, type ListOptions, listImages } from './list.ts';
import { containerUses, usesImage } from './usage.ts';
import { isRunnable, platformOf, viewImage } from './view.ts';

/** An image, or one platform of it. Sizes in bytes. */
export interface TreeNode {
  id: string;
  /** Blobs and unpacked layers. */
  diskUsage: number;
  /** Blobs. */
  contentSize: number;
  inUse: boolean;
}

export interface ImageTree extends TreeNode {
  /** Familiar; empty for an image without a name. */
  names: string[];
  platforms: (TreeNode & { platform: string; available: boolean })[];
}

/** The images with the platforms that their indexes name, whether their content is here or not. */
export async function listImageTree(engine: Engine, options: ListOptions = {}): Promise<ImageTree[]> {
  const c = engine.containerd;
  const [images, records, disk, uses] = await Promise.all([
    listImages(engine, options),
    c.images.list(),
    imageDisk(engine),
    containerUses(c),
  ]);
  const byName = new Map(records.map((record) => [record.name, record]));
  return Promise.all(
    images.map(async (image) => {
      const record = byName.get(image.names[0] ?? '');
      const platforms = record ? await platformNodes(engine, disk, record) : [];
      const used = uses.filter((use) => platforms.some(({ imageId }) => use.imageId === imageId));
      const inUse = used.length > 0 || uses.some((use) => usesImage(use, image.Id, image.names));
      const node = await measured(disk, image.Id, record?.target?.digest ?? '');
      return {
        ...node,
        names: namesOf(image),
        inUse,
        platforms: platforms.map(({ imageId, ...each }) => ({
          ...each,
          inUse: uses.some((use) => use.imageId === imageId) || (inUse && platforms.length === 1),
        })),
      };
    }),
  );
}

const namesOf = ({ RepoTags, RepoDigests }: ImageSummary): string[] => (RepoTags.length > 0 ? RepoTags : RepoDigests);

async function measured(disk: ImageDisk, id: string, digest: string): Promise<TreeNode> {
  const parts = [...disk.partsOf(digest)];
  const [diskUsage, contentSize] = await Promise.all([
    disk.sizeOf(parts),
    disk.sizeOf(parts.filter(({ kind }) => kind === 'content')),
  ]);
  return { id, diskUsage, contentSize, inUse: false };
}

type PlatformNode = ImageTree['platforms'][number] & { imageId: string | undefined };

async function platformNodes(engine: Engine, disk: ImageDisk, record: Image): Promise<PlatformNode[]> {
  const c = engine.containerd;
  const target = record.target;
  if (!target) return [];
  if (!isIndexType(target.mediaType)) {
    const view = await viewImage(c, record).catch(() => undefined);
    if (!view) return [];
    const node = await measured(disk, target.digest, target.digest);
    return [{ ...node, platform: formatPlatform(view.platform), available: true, imageId: view.imageId }];
  }
  const bytes = await readDocument(c, target);
  if (!bytes) return [];
  const present = async (desc: OciDescriptor) => (disk.has(desc.digest) ? readDocument(c, desc) : undefined);
  const { manifests } = await walkIndex({ desc: target, bytes }, present);
  return Promise.all(
    manifests.filter(isRunnable).map(async (desc) => {
      const manifest = await present(desc);
      const parsed = manifest && parseManifest(manifest);
      const available = parsed?.layers.every(({ digest }) => disk.has(digest)) ?? false;
      const platform = desc.platform ? formatPlatform(platformOf(desc.platform)) : 'unknown';
      const node = await measured(disk, desc.digest, desc.digest);
      return { ...node, platform, available, imageId: parsed?.config.digest };
    }),
  );
}
