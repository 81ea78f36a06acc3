import type { Readable } from 'node:stream';
import { DockerError } from '../../docker/errors.ts';
import { choosePlatform, formatPlatform, type Platform, parsePlatform } from '../../docker/platform.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { decompressed } from '../../host/decompress.ts';
import { hostPlatform } from '../../host/platform.ts';
import { type SeekableFile, seekableStream } from '../../host/seekable.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import type { ImageArchive } from './archive.ts';
import { openArchiveFile } from './archive-file.ts';
import { readArchive } from './archive-stream.ts';
import { chainIds } from './chain.ts';
import { hasContent } from './content.ts';
import type { DraftManifest, ImageDraft } from './draft.ts';
import { withLease } from './lease.ts';
import { concurrently } from './limit.ts';
import { readDockerArchive } from './load-docker.ts';
import { readLegacyArchive } from './load-legacy.ts';
import { readOciLayout } from './load-oci.ts';
import { danglingName, deleteRecord, putImage } from './records.ts';
import { factsLabels, factsOf } from './summary.ts';
import { unpackImage } from './unpack.ts';
import { type ImageView, platformOf, viewImage } from './view.ts';

export type LoadEvent =
  | { type: 'extracting' | 'complete' | 'exists'; digest: string; size: number }
  /** The name meant another image before, with this ID; docker says so on load. */
  | { type: 'renamed'; name: string; previous: string };

export interface LoadOptions {
  /** Only these platforms of a multi-platform image are loaded; each must be there. Empty: all, and the host's is unpacked. */
  platforms?: readonly string[];
  /** Every platform that the archive holds is unpacked. */
  allPlatforms?: boolean;
  onEvent?: (event: LoadEvent) => void;
}

export interface LoadedImage {
  /** Fully qualified; empty for an image without a name. */
  names: string[];
  imageId: string;
}

/**
 * Loads a docker archive of any age or an OCI layout, compressed or not, from a file or a stream that is read once.
 * Names are given last: an archive that is refused leaves nothing.
 * @throws DockerError invalid, with one sentence about what is wrong with the archive
 */
export async function loadImages(
  engine: Engine,
  input: Readable | SeekableFile,
  options: LoadOptions = {},
): Promise<LoadedImage[]> {
  const { snapshotter } = engine.settings;
  return withLease(engine.containerd, async (leased) => {
    // The first failure stops what else is under way.
    const stop = new AbortController();
    const c = leased.withSignal(AbortSignal.any([engine.signal, stop.signal]));
    const archive = await openArchive(c, input, engine.signal);
    const wanted = (options.platforms ?? []).map((each) => parsePlatform(each, hostPlatform()));
    const chosen = (await readImages(c, archive, wanted)).map((draft) => ({
      draft,
      manifests: chooseManifests(draft, wanted, options.allPlatforms ?? false),
    }));
    await concurrently(storeAndUnpack(c, snapshotter, chosen, options), stop);
    const result: LoadedImage[] = [];
    for (const { draft, manifests } of chosen) {
      const main = manifests[0]!;
      const view = { ...main, imageId: main.manifest.config.digest, chainIds: chainIds(main.config.rootfs.diff_ids) };
      const labels = factsLabels(snapshotter, draft, await factsOf(c, snapshotter, view));
      const names = draft.names.length > 0 ? draft.names : [danglingName(draft.target.digest)];
      for (const name of names) {
        const previous = await nameImage(c, name, { draft, imageId: view.imageId, labels });
        if (previous) options.onEvent?.({ type: 'renamed', name, previous });
      }
      result.push({ names: draft.names, imageId: main.manifest.config.digest });
    }
    return result;
  });
}

/** A plain archive in a file need not be read in its own order. */
async function openArchive(c: Containerd, input: Readable | SeekableFile, signal: AbortSignal): Promise<ImageArchive> {
  const [file, stream] = 'pipe' in input ? [undefined, input] : [input, seekableStream(input)];
  const plain = await decompressed(stream, signal);
  if (file === undefined || plain !== stream) return readArchive(c, plain, signal);
  stream.destroy();
  return openArchiveFile(c, file, signal);
}

type Chosen = readonly { draft: ImageDraft; manifests: readonly DraftManifest[] }[];

/** Layers are unpacked while the next ones are stored. */
function storeAndUnpack(c: Containerd, snapshotter: string, chosen: Chosen, { onEvent }: LoadOptions) {
  const store = chosen.flatMap(({ draft }) =>
    draft.manifests.flatMap(({ manifest, stored }) => manifest.layers.map((layer) => () => stored(layer))),
  );
  const unpack = async (): Promise<void> => {
    // One after the other: images of an archive share layers.
    for (const { manifest, config, stored } of chosen.flatMap(({ manifests }) => manifests)) {
      await unpackImage(c, snapshotter, manifest, config, {
        ready: stored,
        onLayer: (layer, type) => onEvent?.({ type, digest: layer.digest, size: layer.size }),
      });
    }
  };
  return [...store, unpack];
}

/**
 * Gives a loaded image a name. One that means the same image keeps the manifest that it has, and with it the digest
 * under which it was pulled, where the archive has no manifest.
 * @returns the ID of the other image that had the name
 */
async function nameImage(
  c: Containerd,
  name: string,
  { draft, imageId, labels }: { draft: ImageDraft; imageId: string; labels: Record<string, string> },
): Promise<string | undefined> {
  const record = await c.images.get(name).catch((error: unknown) => {
    if (isRpcError(error, Code.NOT_FOUND)) return undefined;
    throw error;
  });
  const before = record && (await viewImage(c, record).catch(() => undefined));
  const same = before?.imageId === imageId;
  if (same && draft.ownManifest && (await isComplete(c, before))) return undefined;
  const { previous } = await putImage(c, name, draft.target, labels);
  if (!previous || previous === draft.target.digest) return undefined;
  if (!same) return before?.imageId ?? previous;
  await deleteRecord(c, danglingName(previous));
  return undefined;
}

async function isComplete(c: Containerd, { manifest }: ImageView): Promise<boolean> {
  return (await Promise.all(manifest.layers.map(({ digest }) => hasContent(c, digest)))).every(Boolean);
}

async function readImages(c: Containerd, archive: ImageArchive, wanted: readonly Platform[]): Promise<ImageDraft[]> {
  const drafts =
    archive.has('oci-layout') && archive.has('index.json')
      ? await readOciLayout(c, archive, wanted)
      : archive.has('manifest.json')
        ? await readDockerArchive(c, archive)
        : archive.has('repositories')
          ? await readLegacyArchive(c, archive)
          : undefined;
  if (drafts === undefined) {
    throw new DockerError(
      'invalid',
      'the archive holds no image: neither manifest.json nor oci-layout with index.json is in it',
    );
  }
  if (drafts.length === 0) throw new DockerError('invalid', 'the archive holds no image: its list of images is empty');
  return drafts;
}

/** The manifests to unpack, the one for this host first. */
function chooseManifests(
  { manifests }: ImageDraft,
  wanted: readonly Platform[],
  allPlatforms: boolean,
): DraftManifest[] {
  const best = (platform: Platform): DraftManifest | undefined =>
    choosePlatform(platform, manifests, ({ desc, config }) => platformOf(desc.platform ?? config));
  const chosen = wanted.map((platform) => {
    const found = best(platform);
    if (found) return found;
    throw new DockerError('not-found', `the archive holds no image for platform ${formatPlatform(platform)}`);
  });
  if (chosen.length > 0) return [...new Set(chosen)];
  const first = best(hostPlatform()) ?? manifests[0]!;
  return allPlatforms ? [first, ...manifests.filter((each) => each !== first)] : [first];
}
