import { DockerError } from '../../docker/errors.ts';
import { isIndexType, type OciDescriptor, parseIndex, parseJson, sniffManifestType } from '../../docker/oci.ts';
import { parsePlatform } from '../../docker/platform.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import { ingestRef, readDocument, setContentLabels } from './content.ts';
import { gathered } from './ingest.ts';
import { withLease } from './lease.ts';
import { putImage } from './records.ts';
import { findRecords } from './store.ts';
import { factsLabel } from './summary.ts';
import { targetName } from './target-name.ts';
import { viewImage } from './view.ts';

/** An image of one namespace: `k8s.io/docker.io/library/busybox:1.36`. */
export interface NamespacedName {
  namespace: string;
  /** As a user writes it. */
  name: string;
}

/** @throws Error for what has no namespace */
export function parseNamespacedName(text: string): NamespacedName {
  const [namespace = '', ...rest] = text.split('/');
  if (!/^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/.test(namespace) || rest.length === 0) {
    throw new Error(`invalid argument ${JSON.stringify(text)}: it must have the form NAMESPACE/IMAGE[:TAG]`);
  }
  return { namespace, name: rest.join('/') };
}

export interface CopyOptions {
  /** Only this one of a multi-platform image. */
  platform?: string;
}

/**
 * Gives another namespace an image. containerd has each blob once: the namespace is only told of it, so no byte is
 * copied, unless containerd's `content_sharing_policy` is `isolated`. It is unpacked there when it is first run.
 * @param to without a name: the same one
 */
export async function copyImage(
  engine: Engine,
  from: NamespacedName,
  to: NamespacedName,
  options: CopyOptions = {},
): Promise<void> {
  const source = engine.containerd.withNamespace(from.namespace);
  const [record] = await findRecords(source, from.name);
  const name = targetName(to.name) ?? record!.name;
  const platform = options.platform ? parsePlatform(options.platform, hostPlatform()) : undefined;
  const view = await viewImage(source, record!, platform);
  const root = platform ? view.manifestDesc : view.target;
  const blobs = await presentContent(source, root);
  const missing = view.manifest.layers.find(({ digest }) => !blobs.some((blob) => blob.digest === digest));
  if (missing) {
    throw new DockerError(
      'not-found',
      `image ${view.name} is incomplete: blob ${missing.digest} is missing; pull it again`,
    );
  }
  await withLease(engine.containerd.withNamespace(to.namespace), async (target) => {
    await Promise.all(blobs.map((blob) => shareBlob(source, target, blob)));
    const facts = root === view.target ? record!.labels[factsLabel] : undefined;
    await putImage(target, name, root, facts ? { [factsLabel]: facts } : {});
  });
}

interface Blob extends OciDescriptor {
  labels: Record<string, string>;
}

/** What is here of an index, a manifest or a blob and of all that they name, each once. */
async function presentContent(c: Containerd, root: OciDescriptor): Promise<Blob[]> {
  const found = new Map<string, Blob>();
  const visit = async (desc: OciDescriptor): Promise<void> => {
    if (found.has(desc.digest)) return;
    const info = await c.content.info(desc.digest).catch((error: unknown) => {
      if (isRpcError(error, Code.NOT_FOUND)) return undefined;
      throw error;
    });
    if (!info) return;
    found.set(desc.digest, { ...desc, size: info.size, labels: info.labels });
    await Promise.all((await childrenOf(c, desc)).map(visit));
  };
  await visit(root);
  return [...found.values()];
}

async function childrenOf(c: Containerd, desc: OciDescriptor): Promise<OciDescriptor[]> {
  if (!isIndexType(desc.mediaType) && !desc.mediaType.includes('manifest')) return [];
  const bytes = (await readDocument(c, desc)) ?? new Uint8Array();
  const value = parseJson(bytes, desc.digest);
  if (isIndexType(sniffManifestType(value) ?? desc.mediaType)) return parseIndex(bytes, desc.digest).manifests;
  const { config, layers } = value as { config?: OciDescriptor; layers?: OciDescriptor[] };
  return [...(config ? [config] : []), ...(layers ?? [])];
}

/** Labels that lead to snapshots stay: a namespace has its own. */
const isShared = (key: string): boolean => !key.startsWith('containerd.io/gc.ref.snapshot.');

async function shareBlob(source: Containerd, target: Containerd, blob: Blob): Promise<void> {
  const { digest, size } = blob;
  const labels = Object.fromEntries(Object.entries(blob.labels).filter(([key]) => isShared(key)));
  try {
    const writer = await target.content.writer(ingestRef(blob), { total: size, expected: digest });
    try {
      // Where the policy is to share, all of it is there already.
      if (writer.offset < size) {
        for await (const { chunks } of gathered(source.content.read(digest, { offset: writer.offset }))) {
          await writer.write(chunks);
        }
      }
      await writer.commit({ size, expected: digest, labels });
    } finally {
      writer.close();
    }
  } catch (error) {
    if (!isRpcError(error, Code.ALREADY_EXISTS)) throw error;
    if (Object.keys(labels).length > 0) await setContentLabels(target, digest, labels);
  }
}
