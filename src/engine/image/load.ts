import type { Readable } from 'node:stream';
import { DockerError } from '../../docker/errors.ts';
import { formatPlatform, matchPlatform, parsePlatform } from '../../docker/platform.ts';
import { decompressed } from '../../host/decompress.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import { type ImageArchive, readArchive } from './archive.ts';
import { chainIds } from './chain.ts';
import type { DraftManifest, ImageDraft } from './draft.ts';
import { withLease } from './lease.ts';
import { readDockerArchive } from './load-docker.ts';
import { readLegacyArchive } from './load-legacy.ts';
import { readOciLayout } from './load-oci.ts';
import { danglingName, putImage } from './records.ts';
import { factsLabels, factsOf } from './summary.ts';
import { unpackImage } from './unpack.ts';
import { platformOf } from './view.ts';

export type LoadEvent =
  | { type: 'reading'; path: string; size: number }
  | { type: 'extracting' | 'complete' | 'exists'; digest: string; size: number }
  /** The name meant another image before; docker says so on load. */
  | { type: 'renamed'; name: string; previous: string };

export interface LoadOptions {
  /** Only this platform of a multi-platform image is unpacked; it must be there. */
  platform?: string;
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
 * Loads a docker archive of any age or an OCI layout, compressed or not, from a stream that is read once.
 * Names are given last: an archive that is refused leaves nothing.
 * @throws DockerError invalid, with one sentence about what is wrong with the archive
 */
export async function loadImages(engine: Engine, input: Readable, options: LoadOptions = {}): Promise<LoadedImage[]> {
  const { snapshotter } = engine.settings;
  return withLease(engine.containerd, async (c) => {
    const plain = await decompressed(input, engine.signal);
    const archive = await readArchive(c, plain, engine.signal, (path, size) =>
      options.onEvent?.({ type: 'reading', path, size }),
    );
    const drafts = await readImages(c, archive);
    const loaded: { draft: ImageDraft; main: DraftManifest }[] = [];
    for (const draft of drafts) {
      const chosen = chooseManifests(draft, options);
      for (const { manifest, config } of chosen) {
        await unpackImage(c, snapshotter, manifest, config, {
          onLayer: (layer, type) => options.onEvent?.({ type, digest: layer.digest, size: layer.size }),
        });
      }
      loaded.push({ draft, main: chosen[0]! });
    }
    const result: LoadedImage[] = [];
    for (const { draft, main } of loaded) {
      const view = { ...main, imageId: main.manifest.config.digest, chainIds: chainIds(main.config.rootfs.diff_ids) };
      const labels = factsLabels(snapshotter, draft, await factsOf(c, snapshotter, view));
      const names = draft.names.length > 0 ? draft.names : [danglingName(draft.target.digest)];
      for (const name of names) {
        const { previous } = await putImage(c, name, draft.target, labels);
        if (previous && previous !== draft.target.digest) options.onEvent?.({ type: 'renamed', name, previous });
      }
      result.push({ names: draft.names, imageId: main.manifest.config.digest });
    }
    return result;
  });
}

async function readImages(c: Containerd, archive: ImageArchive): Promise<ImageDraft[]> {
  const drafts =
    archive.has('oci-layout') && archive.has('index.json')
      ? await readOciLayout(c, archive)
      : archive.has('manifest.json')
        ? await readDockerArchive(c, archive)
        : archive.has('repositories')
          ? await readLegacyArchive(c, archive)
          : undefined;
  if (drafts === undefined) {
    throw new DockerError('invalid', 'the archive holds no image: neither manifest.json nor index.json is in it');
  }
  if (drafts.length === 0) throw new DockerError('invalid', 'the archive holds no image: its list of images is empty');
  return drafts;
}

/** The manifests to unpack, the one for this host first. */
function chooseManifests(draft: ImageDraft, options: LoadOptions): DraftManifest[] {
  const wanted = options.platform === undefined ? hostPlatform() : parsePlatform(options.platform, hostPlatform());
  const matching = draft.manifests.filter(({ config }) => matchPlatform(wanted, platformOf(config)));
  if (options.platform !== undefined && matching.length === 0) {
    throw new DockerError('not-found', `the archive holds no image for platform ${formatPlatform(wanted)}`);
  }
  const ordered = [...matching, ...draft.manifests.filter((each) => !matching.includes(each))];
  return options.allPlatforms ? ordered : ordered.slice(0, 1);
}
