import { DockerError } from '../../docker/errors.ts';
import { isIndexType, mediaType, type OciDescriptor, type OciImage, type OciManifest } from '../../docker/oci.ts';
import { parsePlatform } from '../../docker/platform.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { indexGcLabels, manifestGcLabels, sha256, writeDocument } from './content.ts';
import { convertLayer, type LayerForm } from './convert-layer.ts';
import { withLease } from './lease.ts';
import { layerType } from './new-image.ts';
import { putImage } from './records.ts';
import { findRecords } from './store.ts';
import { targetName } from './target-name.ts';
import { type ImageView, manifestCandidates, viewImage } from './view.ts';

export interface ConvertOptions {
  /** OCI media types. zstd has no others that everybody knows. */
  oci: boolean;
  layers: LayerForm;
  /** Without them the host's. */
  platforms?: readonly string[];
  /** All whose content is here. */
  allPlatforms?: boolean;
  onEvent?: (event: ConvertEvent) => void;
}

/**
 * What happens to a layer of the source, for whoever shows it: it is `kept` as it is, or goes from `waiting` through
 * `converting` (often) to `converted`. `current` and `total` are bytes of the source.
 */
export interface ConvertEvent {
  type: 'layer';
  digest: string;
  state: 'waiting' | 'converting' | 'converted' | 'kept';
  current?: number;
  total?: number;
}

/**
 * Gives an image, its layers or documents in another form, another name. The config stays, and with it the image ID.
 * @returns the qualified new name and the digest of its target
 */
export async function convertImage(
  engine: Engine,
  from: string,
  to: string,
  options: ConvertOptions,
): Promise<{ name: string; digest: string }> {
  const name = targetName(to);
  if (name === undefined) throw new Error('the target image must be specified');
  return withLease(engine.containerd, async (c) => {
    const [record] = await findRecords(c, from);
    const views = await viewsOf(c, record!, options);
    const format = options.oci || options.layers.kind === 'zstd' ? 'oci' : undefined;
    const layers = new Map(views.flatMap(({ manifest }) => manifest.layers).map((layer) => [layer.digest, layer]));
    for (const { digest, size } of layers.values()) {
      options.onEvent?.({ type: 'layer', digest, state: 'waiting', total: size });
    }
    const converted: OciDescriptor[] = [];
    for (const view of views) converted.push(await convertOne(c, view, format, options, engine.signal));
    const [only] = converted;
    const target = converted.length === 1 ? only! : await writeIndex(c, record!, converted, format);
    await putImage(c, name, target);
    return { name, digest: target.digest };
  });
}

async function viewsOf(c: Containerd, record: Image, { platforms = [], allPlatforms }: ConvertOptions) {
  if (!allPlatforms) {
    const wanted = platforms.length > 0 ? platforms.map((each) => parsePlatform(each, hostPlatform())) : [undefined];
    return Promise.all(wanted.map((platform) => viewImage(c, record, platform)));
  }
  const candidates = await manifestCandidates(c, record.target as OciDescriptor);
  const views = await Promise.all(
    candidates.map((target) =>
      viewImage(c, { ...record, target: { annotations: {}, ...target } }).catch(() => undefined),
    ),
  );
  const found = views.flatMap((view, i) => (view ? [{ ...view, manifestDesc: candidates[i]! }] : []));
  if (found.length === 0) throw new DockerError('not-found', `image ${record.name} has no content on this host`);
  return found;
}

async function convertOne(
  c: Containerd,
  { manifest, manifestDesc, config, platform }: ImageView,
  wanted: 'oci' | undefined,
  { layers: form, onEvent }: ConvertOptions,
  signal: AbortSignal,
): Promise<OciDescriptor> {
  const format = wanted ?? (manifestDesc.mediaType === mediaType.dockerManifest ? 'docker' : 'oci');
  const layers: OciDescriptor[] = [];
  for (const [i, layer] of manifest.layers.entries()) {
    const { digest, size: total } = layer;
    const stored = await convertLayer(c, layer, diffIdOf(config, i), form, {
      signal,
      onProgress: (current) => onEvent?.({ type: 'layer', digest, state: 'converting', current, total }),
    });
    const state = stored === layer ? 'kept' : 'converted';
    onEvent?.({ type: 'layer', digest, state, total });
    layers.push({ ...stored, mediaType: layerType(stored.mediaType, format) });
  }
  const next: OciManifest = {
    ...manifest,
    mediaType: format === 'docker' ? mediaType.dockerManifest : mediaType.ociManifest,
    config: { ...manifest.config, mediaType: format === 'docker' ? mediaType.dockerConfig : mediaType.ociConfig },
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(next));
  const desc = { mediaType: next.mediaType!, digest: sha256(bytes), size: bytes.length };
  await writeDocument(c, desc, bytes, manifestGcLabels(next));
  const { os, architecture, variant } = platform;
  return { ...desc, platform: manifestDesc.platform ?? { architecture, os, ...(variant && { variant }) } };
}

function diffIdOf(config: OciImage, i: number): string {
  const diffId = config.rootfs.diff_ids[i];
  if (diffId === undefined)
    throw new DockerError('invalid', 'the image is inconsistent: it has more layers than diff IDs');
  return diffId;
}

async function writeIndex(
  c: Containerd,
  record: Image,
  manifests: OciDescriptor[],
  format: 'oci' | undefined,
): Promise<OciDescriptor> {
  const before = record.target?.mediaType ?? '';
  const type = format === undefined && isIndexType(before) ? before : mediaType.ociIndex;
  const index = { schemaVersion: 2, mediaType: type, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  const desc = { mediaType: type, digest: sha256(bytes), size: bytes.length };
  await writeDocument(c, desc, bytes, indexGcLabels(index));
  return desc;
}
