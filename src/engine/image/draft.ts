import { mediaType, type OciDescriptor, type OciImage, type OciManifest, parseImage } from '../../docker/oci.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Compression } from './archive.ts';
import { manifestGcLabels, sha256, writeDocument } from './content.ts';

/** An image whose content is stored and which has no name yet. */
export interface ImageDraft {
  target: OciDescriptor;
  /** The manifests of the target whose content is complete; one, unless the target is an index. */
  manifests: DraftManifest[];
  /** Fully qualified, `docker.io/library/busybox:latest`; may be empty. */
  names: string[];
  /** The manifest was not in the archive: it could be another one for the same image. */
  ownManifest?: boolean;
}

export interface DraftManifest {
  desc: OciDescriptor;
  manifest: OciManifest;
  config: OciImage;
  /** Resolves when the layer is in the content store. */
  stored(layer: OciDescriptor): Promise<void>;
}

const layerTypes: Record<Compression, string> = {
  none: mediaType.dockerLayer,
  gzip: mediaType.dockerLayerGzip,
  zstd: mediaType.dockerLayerZstd,
  other: mediaType.dockerLayer,
};

/** Writes config and a Docker schema 2 manifest. */
export async function storeDockerImage(
  c: Containerd,
  configBytes: Uint8Array,
  layers: readonly { digest: string; size: number; compression: Compression }[],
): Promise<Omit<DraftManifest, 'stored'>> {
  const config = parseImage(configBytes);
  const manifest: OciManifest = {
    schemaVersion: 2,
    mediaType: mediaType.dockerManifest,
    config: { mediaType: mediaType.dockerConfig, digest: sha256(configBytes), size: configBytes.length },
    layers: layers.map(({ digest, size, compression }) => ({ mediaType: layerTypes[compression], digest, size })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const desc = { mediaType: mediaType.dockerManifest, digest: sha256(bytes), size: bytes.length };
  await writeDocument(c, manifest.config, configBytes);
  await writeDocument(c, desc, bytes, manifestGcLabels(manifest));
  return { desc, manifest, config };
}
