import type { OciDescriptor } from '../../docker/oci.ts';
import { parsePlatform } from '../../docker/platform.ts';
import {
  familiarName,
  formatFamiliar,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../docker/reference.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { hostPlatform } from '../../host/platform.ts';
import { type FetchedManifest, openRepository, type Repository } from '../../registry/client.ts';
import { isRegistryError, pullError } from '../../registry/errors.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import { withLease } from './lease.ts';
import type { PullContext, PullOptions } from './pull-context.ts';
import type { PulledImage } from './pull-events.ts';
import { fetchLayers } from './pull-layers.ts';
import { fetchImages, platformWarning, storeIndexes } from './pull-manifests.ts';
import { putImage } from './records.ts';
import { registryOptions } from './registry-options.ts';
import { sourceLabel } from './sources.ts';
import { factsLabels, factsOf } from './summary.ts';
import { presentLayers } from './unpack.ts';
import { viewImage } from './view.ts';

export type { PullOptions } from './pull-context.ts';
export type { PulledImage } from './pull-events.ts';

/**
 * Makes an image of a registry available: manifests, config and layers verified into the content store, layers
 * unpacked while the next ones are downloaded, the name last.
 * What a failed or killed pull has fetched stays for a day, for the next pull to go on with.
 * @throws DockerError in docker's words
 */
export async function pullImage(engine: Engine, ref: string, options: PullOptions = {}): Promise<PulledImage> {
  const reference = withDefaultTag(parseReference(ref));
  return withRepository(engine, reference, options, (repository) => pullFrom(engine, repository, reference, options));
}

/**
 * Pulls what each tag of a repository means, one after the other, as docker does.
 * @param ref without tag and digest
 */
export async function pullAllTags(engine: Engine, ref: string, options: PullOptions = {}): Promise<PulledImage[]> {
  const named = parseReference(ref);
  return withRepository(engine, named, options, async (repository) => {
    const pulled: PulledImage[] = [];
    for (const tag of await repository.tags()) {
      const image = await pullFrom(engine, repository, { ...named, tag }, options);
      options.onPulled?.(image);
      pulled.push(image);
    }
    return pulled;
  });
}

async function withRepository<T>(
  engine: Engine,
  reference: Reference,
  options: PullOptions,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  // Bad input is said before a registry is asked.
  if (options.platform !== undefined) parsePlatform(options.platform, hostPlatform());
  const repository = openRepository(reference, registryOptions(engine, options.dockerConfig));
  try {
    return await work(repository);
  } catch (error) {
    engine.signal.throwIfAborted();
    throw pullError(error, { repository: familiarName(reference), image: formatFamiliar(reference) });
  } finally {
    repository.close();
  }
}

async function pullFrom(
  engine: Engine,
  repository: Repository,
  reference: Reference,
  options: PullOptions,
): Promise<PulledImage> {
  const current = await upToDate(engine, repository, reference, options);
  if (current) return current;
  const root = await repository.manifest(reference.digest ?? reference.tag ?? '');
  options.onEvent?.({ type: 'started', reference, digest: root.desc.digest });
  return withLease(engine.containerd, (c) => pullInto(engine, c, repository, reference, root, options), {
    keepOn: (error) => engine.signal.aborted || (isRegistryError(error) && error.temporary),
    resumable: formatFamiliar(reference),
  });
}

/** Asks with HEAD, which registries do not count, when the name is known here and its content is whole. */
async function upToDate(
  engine: Engine,
  repository: Repository,
  reference: Reference,
  options: PullOptions,
): Promise<PulledImage | undefined> {
  if (options.allPlatforms) return undefined;
  const c = engine.containerd;
  const name = formatReference(reference);
  const record = await c.images.get(name).catch((error: unknown) => {
    if (isRpcError(error, Code.NOT_FOUND)) return undefined;
    throw error;
  });
  if (!record?.target) return undefined;
  const digest = reference.digest ?? (await repository.head(reference.tag ?? ''));
  if (digest !== record.target.digest) return undefined;
  const platform = options.platform === undefined ? hostPlatform() : parsePlatform(options.platform, hostPlatform());
  try {
    const view = await viewImage(c, record, platform);
    const present = await presentLayers(c.snapshots(engine.settings.snapshotter), view.chainIds);
    if (present < view.chainIds.length) return undefined;
    await Promise.all(view.manifest.layers.map((layer) => c.content.info(layer.digest)));
    options.onEvent?.({ type: 'started', reference, digest });
    return { name, digest, imageId: view.imageId, changed: false };
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND) || !isRpcError(error)) return undefined;
    throw error;
  }
}

async function pullInto(
  engine: Engine,
  c: Containerd,
  repository: Repository,
  reference: Reference,
  root: FetchedManifest,
  options: PullOptions,
): Promise<PulledImage> {
  const source = { [sourceLabel(reference)]: reference.path };
  const context: PullContext = { engine, c, repository, reference, options, source };
  const { images, indexes } = await fetchImages(context, root);
  await fetchLayers(context, images);
  await storeIndexes(context, indexes);
  const name = formatReference(reference);
  const imageId = images[0]!.manifest.config.digest;
  const labels = options.unpack === false ? {} : await listedFacts(engine, c, name, root.desc);
  const { previous } = await putImage(c, name, root.desc, labels);
  const warning = platformWarning(images, context);
  const changed = previous !== root.desc.digest;
  return { name, digest: root.desc.digest, imageId, changed, ...(warning && { warning }) };
}

/** Those of the platform that the name means here, which need not be the one that was asked for now. */
async function listedFacts(
  { settings: { snapshotter } }: Engine,
  c: Containerd,
  name: string,
  desc: OciDescriptor,
): Promise<Record<string, string>> {
  const target = { mediaType: desc.mediaType, digest: desc.digest, size: desc.size, annotations: {} };
  const view = await viewImage(c, { name, target, labels: {}, createdAt: undefined, updatedAt: undefined });
  return factsLabels(snapshotter, view, await factsOf(c, snapshotter, view));
}
