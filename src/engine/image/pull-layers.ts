import type { OciDescriptor, OciImage } from '../../docker/oci.ts';
import { matchPlatform } from '../../docker/platform.ts';
import { hostPlatform } from '../../host/platform.ts';
import { chainIds } from './chain.ts';
import { downloadBlob } from './download.ts';
import { concurrently, limiter } from './limit.ts';
import type { ImageToPull, PullContext, PullOptions } from './pull-context.ts';
import type { PullEvent } from './pull-events.ts';
import { presentLayers, unpackImage } from './unpack.ts';
import { platformOf } from './view.ts';

/** docker's max-concurrent-downloads is 3; containerd's clients use it too. */
const parallelDownloads = 3;

/** Downloads the layers of all images side by side, and unpacks each image's in order as they arrive. */
export async function fetchLayers(context: PullContext, images: readonly ImageToPull[]): Promise<void> {
  const { engine, options, repository, source } = context;
  // The first failure stops the other downloads.
  const stop = new AbortController();
  const signal = AbortSignal.any([engine.signal, stop.signal]);
  const c = context.c.withSignal(signal);
  const limit = limiter(parallelDownloads);
  const downloads = new Map<string, Promise<void>>();
  const layers = images.flatMap(({ manifest }) => manifest.layers);
  const existing = await unpackedLayers(context, images);
  const emit = (event: Extract<PullEvent, { type: 'layer' }>): void => {
    // A blob may have to be fetched although its snapshot is here; to the user the layer exists.
    if (!existing.has(event.digest)) options.onEvent?.(event);
  };
  for (const [digest, layer] of new Map(layers.map((each) => [each.digest, each]))) {
    const state = existing.has(digest) ? 'exists' : 'waiting';
    options.onEvent?.({ type: 'layer', digest, state, total: layer.size });
  }
  const download = async (layer: OciDescriptor): Promise<void> => {
    const at = { digest: layer.digest, total: layer.size };
    const fetched = await downloadBlob(c, repository, layer, {
      signal,
      labels: source,
      onProgress: (current) => emit({ type: 'layer', ...at, state: 'downloading', current }),
      onVerify: () => emit({ type: 'layer', ...at, state: 'verifying' }),
      onRetry: (seconds) => emit({ type: 'layer', ...at, state: 'retrying', seconds }),
    });
    if (fetched) emit({ type: 'layer', ...at, state: 'downloaded' });
  };
  const ready = (layer: OciDescriptor): Promise<void> => {
    let pending = downloads.get(layer.digest);
    if (!pending) {
      pending = limit(() => download(layer));
      pending.catch(() => {});
      downloads.set(layer.digest, pending);
    }
    return pending;
  };

  const work = images
    .filter(isRunnable)
    .filter((image) => isUnpacked(image, options))
    .map((image) => async () => {
      await unpackImage(c, engine.settings.snapshotter, image.manifest, image.config, {
        ready,
        onLayer: (layer, state) => emit({ type: 'layer', digest: layer.digest, state, total: layer.size }),
      });
    });
  await concurrently([...layers.map((layer) => () => ready(layer)), ...work], stop);
}

type RunnableImage = ImageToPull & { config: OciImage };
const isRunnable = (image: ImageToPull): image is RunnableImage => image.config !== undefined;

/** Of all platforms, those that do not run here are for pushing and saving. */
function isUnpacked({ desc, config }: RunnableImage, { unpack, allPlatforms }: PullOptions): boolean {
  return unpack ?? (!allPlatforms || matchPlatform(hostPlatform(), platformOf(desc.platform ?? config)));
}

async function unpackedLayers({ engine, c }: PullContext, images: readonly ImageToPull[]): Promise<Set<string>> {
  const snapshots = c.snapshots(engine.settings.snapshotter);
  const present = await Promise.all(
    images.filter(isRunnable).map(async ({ manifest, config }) => {
      const count = await presentLayers(snapshots, chainIds(config.rootfs.diff_ids));
      return manifest.layers.slice(0, count);
    }),
  );
  return new Set(present.flat().map(({ digest }) => digest));
}
