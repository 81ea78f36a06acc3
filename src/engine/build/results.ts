import { Readable } from 'node:stream';
import { type FileOutput, type FileSink, fileSendService } from '../../buildkit/services/file-send.ts';
import { DockerError } from '../../docker/errors.ts';
import type { OciDescriptor } from '../../docker/oci.ts';
import { fieldOf } from '../../grpc/hpack.ts';
import type { Handler } from '../../grpc/server.ts';
import { writeStream } from '../../host/write-stream.ts';
import type { Engine } from '../engine.ts';
import { loadImages } from '../image/load.ts';
import type { PlannedCaches } from './caches.ts';
import type { PlannedExporter } from './exporters.ts';
import { nameImage } from './in-place.ts';
import { putLayoutEntry } from './layout-index.ts';

/** What the session does with what the exporters send. */
export interface Results {
  outputs: FileOutput[];
  /** OCI layouts that BuildKit writes blob by blob. */
  layouts: string[];
  /** IDs of the images that were loaded. */
  loaded: string[];
  /** Why a result could not be taken: more than BuildKit knows of it. */
  failure?: { error: unknown };
  /** Numbers of the exporters that have sent something. */
  sent: Set<number>;
}

export interface StandardOutput {
  isTerminal: boolean;
  write(chunk: Uint8Array): Promise<void>;
}

export function openResults(engine: Engine, exporters: readonly PlannedExporter[], stdout: StandardOutput): Results {
  const results: Results = { outputs: [], layouts: [], loaded: [], sent: new Set() };
  const take = (id: number, sink: (chunks: AsyncIterable<Uint8Array>) => Promise<void>): void => {
    const noted: FileSink = (chunks) =>
      sink(chunks).catch((error: unknown) => {
        results.failure ??= { error };
        throw error;
      });
    results.outputs.push({ id, kind: 'file', sink: noted });
  };
  for (const [id, { result }] of exporters.entries()) {
    if (result.kind === 'directory') results.outputs.push({ id, kind: 'local', dir: result.path });
    if (result.kind === 'layout') results.layouts.push(result.path);
    if (result.kind === 'load') take(id, (chunks) => load(engine, chunks, results.loaded));
    if (result.kind === 'file') take(id, (chunks) => writeStream(result.path, chunks, 0o666 & ~process.umask()));
    if (result.kind === 'stdout') {
      take(id, async (chunks) => {
        for await (const chunk of chunks) await stdout.write(chunk);
      });
    }
  }
  return results;
}

const exporterHeader = 'buildkit-attachable-exporter-id';

/** The services that take results, for a BuildKit that may know of one only: it numbers none, and drops the others. */
export function resultServices({ host }: Engine, results: Results, count: number): [string, Handler][] {
  return fileSendService(results.outputs, host).map(([path, handler]) => [
    path,
    async (call) => {
      const number = fieldOf(call.metadata, exporterHeader);
      if (number === undefined && count > 1) {
        results.failure ??= { error: onlyOneOutput() };
        throw results.failure.error;
      }
      results.sent.add(Number(number ?? 0));
      await handler(call);
    },
  ]);
}

function onlyOneOutput(): DockerError {
  return new DockerError(
    'not-implemented',
    'multiple outputs currently unsupported by the current BuildKit daemon, please upgrade to version v0.13+ or use a single output',
  );
}

async function load(engine: Engine, chunks: AsyncIterable<Uint8Array>, ids: string[]): Promise<void> {
  const archive = Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 });
  for (const { imageId } of await loadImages(engine, archive)) ids.push(imageId);
}

/**
 * What is left to do when BuildKit is done: names for images, entries in the indexes of layouts.
 * @returns the ID of the image, empty where there is none
 */
export async function finishResults(
  engine: Engine,
  exporters: readonly PlannedExporter[],
  { results, caches, response }: { results: Results; caches: PlannedCaches; response: Record<string, string> },
): Promise<string> {
  if (results.outputs.some(({ id }) => !results.sent.has(id)) && exporters.length > 1) throw onlyOneOutput();
  let imageId = '';
  const digest = response['containerimage.digest'];
  for (const { result } of exporters) {
    if (result.kind === 'in-place') {
      if (!digest) throw new DockerError('system', 'BuildKit exported an image and did not say which');
      imageId = await nameImage(engine, { ...result, digest });
      if (result.names.length > 0) response['image.name'] = result.names.join(',');
    }
    if (result.kind === 'load') {
      if (results.loaded.length === 0) throw new DockerError('system', 'BuildKit was done and sent no image');
      imageId = results.loaded[0] ?? '';
    }
    if (result.kind === 'layout') {
      await putLayoutEntry(result.path, imageDescriptor(response), result.tag);
    }
  }
  const cache = response['cache.manifest'];
  if (cache)
    for (const { dir, tag } of caches.written) await putLayoutEntry(dir, JSON.parse(cache) as OciDescriptor, tag);
  return imageId || response['containerimage.config.digest'] || digest || '';
}

function imageDescriptor(response: Readonly<Record<string, string>>): OciDescriptor {
  const encoded = response['containerimage.descriptor'];
  if (!encoded) throw new DockerError('system', 'BuildKit wrote a layout and did not say what is in it');
  return JSON.parse(Buffer.from(encoded, 'base64').toString()) as OciDescriptor;
}
