import type { OciDescriptor, OciImage, OciManifest } from '../../docker/oci.ts';
import { mediaType } from '../../docker/oci.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { chainIds } from './chain.ts';
import { manifestGcLabels, sha256, writeDocument } from './content.ts';
import { danglingName, putImage } from './records.ts';
import { factsLabels, factsOf } from './summary.ts';
import { unpackImage } from './unpack.ts';

export type ImageFormat = 'docker' | 'oci';

export interface NewImage {
  config: OciImage;
  /** Bottom first, in the content store; their types are those of OCI or of docker. */
  layers: readonly OciDescriptor[];
  format: ImageFormat;
  /** Fully qualified; without it the image is `<none>`. */
  name?: string;
}

/**
 * Writes config and manifest of an image whose layers are stored, unpacks it and gives it its name. Run it under a lease.
 * @returns the image's ID
 */
export async function storeNewImage(c: Containerd, snapshotter: string, image: NewImage): Promise<string> {
  const { config, format } = image;
  const docker = format === 'docker';
  const configBytes = Buffer.from(JSON.stringify(config));
  const manifest: OciManifest = {
    schemaVersion: 2,
    mediaType: docker ? mediaType.dockerManifest : mediaType.ociManifest,
    config: {
      mediaType: docker ? mediaType.dockerConfig : mediaType.ociConfig,
      digest: sha256(configBytes),
      size: configBytes.length,
    },
    layers: image.layers.map((layer) => ({ ...layer, mediaType: layerType(layer.mediaType, format) })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const target: OciDescriptor = { mediaType: manifest.mediaType!, digest: sha256(bytes), size: bytes.length };
  await writeDocument(c, manifest.config, configBytes);
  await writeDocument(c, target, bytes, manifestGcLabels(manifest));
  await unpackImage(c, snapshotter, manifest, config);
  const imageId = manifest.config.digest;
  const view = { target, manifest, config, imageId, chainIds: chainIds(config.rootfs.diff_ids) };
  const labels = factsLabels(snapshotter, view, await factsOf(c, snapshotter, view));
  await putImage(c, image.name ?? danglingName(target.digest), target, labels);
  return imageId;
}

const layerTypes: readonly (readonly [docker: string, oci: string])[] = [
  [mediaType.dockerLayer, mediaType.ociLayer],
  [mediaType.dockerLayerGzip, mediaType.ociLayerGzip],
  [mediaType.dockerLayerZstd, mediaType.ociLayerZstd],
];

/** A layer's type in a manifest of the format; types that only one of them has stay. */
export function layerType(type: string, format: ImageFormat): string {
  const pair = layerTypes.find((each) => each.includes(type));
  return pair ? pair[format === 'docker' ? 0 : 1] : type;
}
