import { randomBytes } from 'node:crypto';
import { addAbortSignal, type Readable } from 'node:stream';
import { applyChanges } from '../../docker/change/apply.ts';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import { mediaType, type OciDescriptor, type OciImage } from '../../docker/oci.ts';
import { parsePlatform } from '../../docker/platform.ts';
import { isRpcError } from '../../grpc/status.ts';
import { compressionOfStream, decompressed } from '../../host/decompress.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import { ingestStream } from './ingest.ts';
import { withLease } from './lease.ts';
import { storeNewImage } from './new-image.ts';
import { targetName } from './target-name.ts';
import { unpackNewLayer } from './unpack.ts';

export interface ImportOptions {
  name?: string;
  message: string;
  /** Dockerfile instructions. */
  changes?: readonly string[];
  platform?: string;
}

/**
 * Makes an image with one layer of a tar archive, compressed or not. A stream that is refused leaves nothing.
 * @param source what opens the archive, or the http address of one
 * @returns the image's ID
 */
export async function importImage(
  engine: Engine,
  source: string | (() => Promise<Readable>),
  options: ImportOptions,
): Promise<string> {
  const name = targetName(options.name);
  const config = applyChanges({}, options.changes ?? []);
  const { snapshotter } = engine.settings;
  const { os, architecture, variant } = options.platform
    ? parsePlatform(options.platform, hostPlatform())
    : hostPlatform();
  return withLease(engine.containerd, async (c) => {
    const input = await openSource(source, engine.signal);
    const layer = await storeLayer(c, input, engine.signal).finally(() => input.destroy());
    const diffId = await unpackNewLayer(c, snapshotter, layer).catch((error) => {
      throw archiveError(error, layer);
    });
    const created = new Date().toISOString();
    const image: OciImage = {
      architecture,
      os,
      ...(variant && { variant }),
      created,
      comment: options.message,
      config,
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created, comment: options.message }],
    };
    // Docker's own media types have none for zstd that everybody knows.
    const format = layer.mediaType === mediaType.ociLayerZstd ? 'oci' : 'docker';
    return storeNewImage(c, snapshotter, { config: image, layers: [layer], format, name });
  });
}

async function openSource(source: string | (() => Promise<Readable>), signal: AbortSignal): Promise<Readable> {
  if (typeof source !== 'string') return source();
  const { openWebFile } = await import('../../registry/web-file.ts');
  return openWebFile(source, signal);
}

/** What snapshotters can unpack is stored as it comes, so that it is smaller to push; the rest without compression. */
async function storeLayer(c: Containerd, input: Readable, signal: AbortSignal): Promise<OciDescriptor> {
  const ref = `import-${randomBytes(8).toString('hex')}`;
  const compression = await compressionOfStream(input, signal);
  const kept = compression === 'gzip' || compression === 'zstd';
  const stream = addAbortSignal(signal, kept ? input : await decompressed(input, signal));
  try {
    const stored = await ingestStream(c, stream, { ref, what: 'the archive' });
    const type = { gzip: mediaType.dockerLayerGzip, zstd: mediaType.ociLayerZstd };
    return { mediaType: kept ? type[compression] : mediaType.dockerLayer, ...stored! };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    stream.destroy();
  }
}

/** containerd finds out what is wrong with the archive. */
function archiveError(error: unknown, layer: OciDescriptor): unknown {
  const cause = isDockerError(error) ? error.cause : undefined;
  if (!isRpcError(cause)) return error;
  const tooShort = layer.mediaType === mediaType.dockerLayer && layer.size < 512;
  if (tooShort || /invalid tar header/.test(cause.details)) {
    return new DockerError('invalid', 'the input is not a tar archive, or it is damaged', { cause });
  }
  if (/unexpected EOF/.test(cause.details)) {
    return new DockerError('invalid', 'the archive is truncated: unexpected end of data', { cause });
  }
  return error;
}
