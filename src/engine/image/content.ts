import { createHash } from 'node:crypto';
import { DockerError } from '../../docker/errors.ts';
import {
  isIndexType,
  maxDocumentBytes,
  type OciDescriptor,
  type OciIndex,
  type OciManifest,
} from '../../docker/oci.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Containerd } from '../../runtime/containerd.ts';

/** A manifest, index or config from the content store; undefined when it is not there. */
export async function readDocument(c: Containerd, desc: OciDescriptor): Promise<Uint8Array | undefined> {
  if (desc.size > maxDocumentBytes) {
    throw new DockerError('invalid', `${desc.digest} is too large for an image document: ${desc.size} bytes`);
  }
  try {
    return await c.content.readAll(desc.digest);
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return undefined;
    throw error;
  }
}

export async function hasContent(c: Containerd, digest: string): Promise<boolean> {
  try {
    await c.content.info(digest);
    return true;
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return false;
    throw error;
  }
}

/** Stores a small document; one that is there already gets the labels. */
export async function writeDocument(
  c: Containerd,
  desc: Pick<OciDescriptor, 'digest' | 'size'>,
  bytes: Uint8Array,
  labels: Record<string, string> = {},
): Promise<void> {
  try {
    const writer = await c.content.writer(`document-${desc.digest}`, { total: desc.size, expected: desc.digest });
    try {
      // A killed process may have left the beginning.
      if (writer.offset < bytes.length) await writer.write([bytes.subarray(writer.offset)]);
      await writer.commit({ size: bytes.length, expected: desc.digest, labels });
    } finally {
      writer.close();
    }
  } catch (error) {
    if (!isRpcError(error, Code.ALREADY_EXISTS)) throw error;
    if (Object.keys(labels).length > 0) await setContentLabels(c, desc.digest, labels);
  }
}

/** Adds labels to a blob, keeping its others. */
export async function setContentLabels(c: Containerd, digest: string, labels: Record<string, string>): Promise<void> {
  await c.content.update(
    { digest, labels },
    Object.keys(labels).map((key) => `labels.${key}`),
  );
}

/** The labels by which containerd's collector finds a manifest's children; the keys are those of containerd's client. */
export function manifestGcLabels(manifest: OciManifest): Record<string, string> {
  const labels: Record<string, string> = { 'containerd.io/gc.ref.content.config': manifest.config.digest };
  manifest.layers.forEach((layer, i) => {
    labels[`containerd.io/gc.ref.content.l.${i}`] = layer.digest;
  });
  return labels;
}

export function indexGcLabels(index: OciIndex): Record<string, string> {
  const labels: Record<string, string> = {};
  index.manifests.forEach((manifest, i) => {
    labels[`containerd.io/gc.ref.content.m.${i}`] = manifest.digest;
  });
  return labels;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The name containerd's clients give an ingest, so that they resume and wait for each other's. */
export function ingestRef(desc: OciDescriptor): string {
  const type = desc.mediaType;
  if (isIndexType(type)) return `index-${desc.digest}`;
  if (type.includes('manifest')) return `manifest-${desc.digest}`;
  if (type.includes('config') || type.includes('container.image')) return `config-${desc.digest}`;
  return `layer-${desc.digest}`;
}
