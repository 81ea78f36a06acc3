import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { mediaType, type OciDescriptor } from '../../docker/oci.ts';
import { zstdCompressed } from '../../host/compress.ts';
import { decompressed } from '../../host/decompress.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import { ingestStream } from './ingest.ts';

/** How layers are to be kept; `keep`: as they are. */
export type LayerForm = { kind: 'keep' } | { kind: 'plain' } | { kind: 'zstd'; level: number };

/**
 * Stores a layer in another form. The diff ID stays, so that the image's config and snapshots do.
 * @param diffId of the uncompressed layer; the content is checked against it where it is what is stored
 */
export async function convertLayer(
  c: Containerd,
  layer: OciDescriptor,
  diffId: string,
  form: LayerForm,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: (current: number) => void },
): Promise<OciDescriptor> {
  if (form.kind === 'keep' || layer.urls?.length || isAlready(layer, form)) return layer;
  const what = `layer ${layer.digest}`;
  const labels = { 'containerd.io/uncompressed': diffId };
  const open = async (): Promise<Readable> =>
    decompressed(Readable.from(counted(c.content.read(layer.digest), onProgress), { objectMode: false }), signal);
  if (form.kind === 'plain') {
    const ref = `convert-${diffId}`;
    const stored = await ingestStream(c, await open(), { ref, expected: diffId, labels, what });
    const size = stored?.size ?? (await c.content.info(diffId)).size;
    return { mediaType: mediaType.ociLayer, digest: diffId, size };
  }
  const ref = `convert-${randomBytes(8).toString('hex')}`;
  const stream = zstdCompressed(await open(), form.level, signal);
  const { digest, size } = (await ingestStream(c, stream, { ref, labels, what }))!;
  return { mediaType: mediaType.ociLayerZstd, digest, size };
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onProgress: ((current: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  for await (const chunk of chunks) {
    yield chunk;
    current += chunk.length;
    onProgress?.(current);
  }
}

function isAlready({ mediaType: type }: OciDescriptor, form: LayerForm): boolean {
  const kept = form.kind === 'zstd' ? ['+zstd', '.zstd'] : ['.tar'];
  return kept.some((ending) => type.endsWith(ending));
}
