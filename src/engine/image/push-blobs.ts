import type { OciDescriptor } from '../../docker/oci.ts';
import type { Reference } from '../../docker/reference.ts';
import type { PushRepository } from '../../registry/push.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import { setContentLabels } from './content.ts';
import { concurrently, limiter } from './limit.ts';
import type { PushEvent } from './push-events.ts';
import { blobsOf, isForeign, type PushPlan } from './push-plan.ts';
import { sourceLabel, sourcesOf } from './sources.ts';

/** docker's max-concurrent-uploads. */
const parallelUploads = 5;
/** Other repositories to try a mount from. */
const mountAttempts = 3;

type LayerEvent = Extract<PushEvent, { type: 'layer' }>;

/** Brings the blobs of a plan to the registry; the first failure stops the others. */
export async function pushBlobs(
  engine: Engine,
  repository: PushRepository,
  reference: Reference,
  { manifests }: PushPlan,
  onEvent: (event: PushEvent) => void = () => {},
): Promise<void> {
  const layers = manifests.flatMap(({ manifest }) => manifest.layers);
  const shown = new Map(layers.map((layer) => [layer.digest, layer]));
  for (const [digest, layer] of shown) {
    onEvent({ type: 'layer', digest, state: isForeign(layer) ? 'skipped' : 'preparing', total: layer.size });
  }
  for (const [digest, layer] of [...shown].slice(parallelUploads)) {
    if (!isForeign(layer)) onEvent({ type: 'layer', digest, state: 'waiting', total: layer.size });
  }
  const stop = new AbortController();
  const c = engine.containerd.withSignal(AbortSignal.any([engine.signal, stop.signal]));
  const limit = limiter(parallelUploads);
  const blobs = new Map(manifests.flatMap(({ manifest }) => blobsOf(manifest)).map((blob) => [blob.digest, blob]));
  const work = [...blobs.values()].map((blob) => async () => {
    // The config is no layer to the user.
    const emit = (event: Omit<LayerEvent, 'type' | 'digest'>) => {
      if (shown.has(blob.digest)) onEvent({ type: 'layer', digest: blob.digest, total: blob.size, ...event });
    };
    await limit(async () => {
      stop.signal.throwIfAborted();
      await pushBlob(c, repository, reference, blob, emit);
    });
  });
  await concurrently(work, stop);
}

async function pushBlob(
  c: Containerd,
  repository: PushRepository,
  reference: Reference,
  blob: OciDescriptor,
  emit: (event: Omit<LayerEvent, 'type' | 'digest'>) => void,
): Promise<void> {
  const known = await sourcesOf(c, blob.digest, reference);
  if (await repository.hasBlob(blob.digest)) {
    emit({ state: 'exists' });
  } else {
    const source = { desc: blob, open: (offset: number) => c.content.read(blob.digest, { offset }) };
    const from = await repository.upload(source, {
      mountFrom: known.filter((other) => other !== reference.path).slice(0, mountAttempts),
      onProgress: (current) => emit({ state: 'pushing', current }),
      onRetry: (seconds) => emit({ state: 'retrying', seconds }),
    });
    emit(from === undefined ? { state: 'pushed' } : { state: 'mounted', from });
  }
  await noteSource(c, blob.digest, reference, known);
}

/**
 * For the next push to mount a blob from there, and for an image to be known by the digest that it has there. That it cannot
 * be noted is no failure of the push.
 */
export async function noteSource(c: Containerd, digest: string, reference: Reference, known?: string[]): Promise<void> {
  try {
    const sources = known ?? (await sourcesOf(c, digest, reference));
    if (sources.includes(reference.path)) return;
    await setContentLabels(c, digest, { [sourceLabel(reference)]: [...sources, reference.path].join(',') });
  } catch {}
}
