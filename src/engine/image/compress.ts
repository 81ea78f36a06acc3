import { randomBytes } from 'node:crypto';
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { DockerError } from '../../docker/errors.ts';
import { mediaType, type OciDescriptor } from '../../docker/oci.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { ingestStream } from './ingest.ts';

export type LayerCompression = 'none' | 'gzip' | 'zstd';

/** Node has it from 22.15 on, Bun always. */
type ZstdFactory = (options: { chunkSize: number }) => Transform;
const chunkSize = 256 << 10;

/**
 * Stores a layer of the content store once more, compressed.
 * @throws DockerError `not-implemented` for zstd on a Node without it
 */
export async function compressLayer(
  c: Containerd,
  layer: OciDescriptor,
  compression: Exclude<LayerCompression, 'none'>,
): Promise<OciDescriptor> {
  const compressed = compressor(compression);
  // An error of the source ends the stream that is read here, with that error.
  pipeline(Readable.from(c.content.read(layer.digest)), compressed, () => {});
  const stored = await ingestStream(c, compressed, {
    ref: `compress-${randomBytes(8).toString('hex')}`,
    labels: { 'containerd.io/uncompressed': layer.digest },
    what: 'the compressed layer',
  });
  return { mediaType: compression === 'gzip' ? mediaType.ociLayerGzip : mediaType.ociLayerZstd, ...stored! };
}

function compressor(compression: 'gzip' | 'zstd'): Transform {
  if (compression === 'gzip') return zlib.createGzip({ chunkSize });
  const zstd = (zlib as { createZstdCompress?: ZstdFactory }).createZstdCompress;
  if (!zstd) throw new DockerError('not-implemented', 'zstd needs Node.js 22.15 or later: use gzip or none');
  return zstd({ chunkSize });
}
