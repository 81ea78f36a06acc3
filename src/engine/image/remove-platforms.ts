import { DockerError } from '../../docker/errors.ts';
import { isIndexType, type OciDescriptor } from '../../docker/oci.ts';
import { formatPlatform, isSamePlatform, type Platform, parsePlatform } from '../../docker/platform.ts';
import { formatFamiliar, tryParseReference } from '../../docker/reference.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { hasContent, readDocument } from './content.ts';
import { walkIndex } from './index-walk.ts';
import { withLease } from './lease.ts';
import type { ImageDeletion, RemoveOptions } from './remove.ts';
import { findRecords } from './store.ts';
import { factsLabel, factsLabels, factsOf, storedFacts } from './summary.ts';
import { isRunnable, platformOf, viewImage } from './view.ts';

/**
 * Removes the content of some platforms of an image, and of every image that has the same manifest in it; the names stay.
 * Layers that something else needs stay as well.
 * @throws DockerError in docker's words
 */
export async function removePlatforms(
  engine: Engine,
  ref: string,
  platforms: readonly string[],
  { force, async }: RemoveOptions,
): Promise<ImageDeletion[]> {
  const wanted = platforms.map((each) => parsePlatform(each, hostPlatform()));
  if (!force) {
    throw new DockerError(
      'invalid',
      'Content will be removed from all images referencing this variant. Use --force to force delete.',
    );
  }
  const c = engine.containerd;
  const [record] = await findRecords(c, ref);
  const gone: string[] = [];
  for (const platform of wanted) gone.push(...(await manifestsFor(c, record!, platform)));
  // An ended lease has containerd's collector run, and says when it has: what only these manifests named goes with them.
  const work = async () => {
    for (const digest of new Set(gone)) await c.content.delete(digest).catch(ignoreMissing);
  };
  await withLease(c, work, { wait: !async });
  await refreshFacts(engine, record!);
  return gone.map((digest) => ({ Deleted: digest }));
}

/** The manifest for exactly this platform, and what attests something about it. */
async function manifestsFor(c: Containerd, record: Image, platform: Platform): Promise<string[]> {
  const target = record.target as OciDescriptor;
  const children = isIndexType(target.mediaType) ? await childrenOf(c, target) : [target];
  for (const desc of children.filter(isRunnable)) {
    if (!(await hasContent(c, desc.digest))) continue;
    const found = desc.platform ? platformOf(desc.platform) : await platformOfConfig(c, record, desc);
    if (!found || !isSamePlatform(platform, found)) continue;
    const about = children.filter(({ annotations }) => annotations?.['vnd.docker.reference.digest'] === desc.digest);
    const here = await Promise.all(about.map(({ digest }) => hasContent(c, digest)));
    return [desc, ...about.filter((_, i) => here[i])].map(({ digest }) => digest);
  }
  const reference = tryParseReference(record.name);
  const name = reference ? formatFamiliar(reference) : record.name;
  throw new DockerError(
    'not-found',
    `failed to delete platform ${formatPlatform(platform)} for image ${target.digest}: image with reference ${name} was found but does not provide the specified platform (${formatPlatform(platform)})`,
  );
}

async function childrenOf(c: Containerd, desc: OciDescriptor): Promise<OciDescriptor[]> {
  const bytes = await readDocument(c, desc);
  return bytes ? (await walkIndex({ desc, bytes }, (each) => readDocument(c, each))).manifests : [];
}

async function platformOfConfig(c: Containerd, record: Image, desc: OciDescriptor): Promise<Platform | undefined> {
  const view = await viewImage(c, { ...record, target: { annotations: {}, ...desc } }).catch(() => undefined);
  return view?.platform;
}

/** What `images` shows of the names is of a platform that may be gone. */
async function refreshFacts({ containerd: c, settings: { snapshotter } }: Engine, record: Image): Promise<void> {
  const before = storedFacts(record, snapshotter);
  if (!before) return;
  const all = (await c.images.list()).filter((each) => storedFacts(each, snapshotter)?.id === before.id);
  for (const { name, target, labels } of all) {
    const view = await viewImage(c, { ...record, name, target, labels }).catch(() => undefined);
    const next = view ? factsLabels(snapshotter, view, await factsOf(c, snapshotter, view)) : { [factsLabel]: '' };
    await c.images.update({ name, target: target!, labels: next }, [`labels.${factsLabel}`]).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isRpcError(error, Code.NOT_FOUND)) throw error;
}
