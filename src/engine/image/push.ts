import { DockerError } from '../../docker/errors.ts';
import type { OciDescriptor } from '../../docker/oci.ts';
import {
  familiarName,
  formatReference,
  parseReference,
  type Reference,
  repositoryName,
  tryParseReference,
  withDefaultTag,
} from '../../docker/reference.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { openPush, type PushRepository } from '../../registry/push.ts';
import { pushError } from '../../registry/push-errors.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { limiter } from './limit.ts';
import { noteSource, pushBlobs } from './push-blobs.ts';
import type { PushEvent } from './push-events.ts';
import { type PlatformChoice, type PushPlan, planPush, withoutMissing } from './push-plan.ts';
import { registryOptions } from './registry-options.ts';

export interface PushOptions extends Partial<PlatformChoice> {
  /** Every tag of the repository that is here; the reference has none then. */
  allTags?: boolean;
  /** The directory of docker's config.json; `~/.docker` unless given. */
  dockerConfig?: string;
  onEvent?: (event: PushEvent) => void;
}

/**
 * Uploads an image: the blobs that the registry has not got, side by side, then the manifests, then the index, and the
 * tag last.
 * @throws DockerError in docker's words
 */
export async function pushImage(engine: Engine, ref: string, options: PushOptions = {}): Promise<void> {
  const parsed = parseReference(ref);
  if (parsed.digest !== undefined) throw new DockerError('invalid', 'cannot push a digest reference');
  const { signal, containerd: c } = engine;
  options.onEvent?.({ type: 'started', repository: repositoryName(parsed) });
  const records = await recordsOf(c, parsed, options.allTags ?? false);
  const repository = openPush(parsed, registryOptions(engine, options.dockerConfig));
  try {
    for (const record of records) await pushRecord(engine, repository, parsed, record, options);
  } catch (error) {
    signal.throwIfAborted();
    throw pushError(error);
  } finally {
    repository.close();
  }
}

async function recordsOf(c: Containerd, reference: Reference, allTags: boolean): Promise<Image[]> {
  const wanted = withDefaultTag(reference);
  const absent = new DockerError(
    'not-found',
    `An image does not exist locally with the tag: ${familiarName(reference)}`,
  );
  if (!allTags) {
    return [
      await c.images.get(formatReference(wanted)).catch((error: unknown) => {
        throw isRpcError(error, Code.NOT_FOUND) ? absent : error;
      }),
    ];
  }
  const repository = repositoryName(reference);
  const tagged = (await c.images.list()).filter(({ name }) => {
    const known = tryParseReference(name);
    return known?.tag !== undefined && known.digest === undefined && repositoryName(known) === repository;
  });
  if (tagged.length === 0) throw absent;
  return tagged.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function pushRecord(
  engine: Engine,
  repository: PushRepository,
  reference: Reference,
  record: Image,
  options: PushOptions,
): Promise<void> {
  const c = engine.containerd;
  const { name } = record;
  const { platforms = [], allPlatforms = false, onEvent } = options;
  if (!record.target) throw new DockerError('system', `the image record ${name} has no target`);
  const target: OciDescriptor = record.target;
  const planned = await planPush(c, name, target, { platforms, allPlatforms });
  const plan = await completedBy(repository, planned);
  await pushBlobs(engine, repository, reference, plan, onEvent);
  await pushManifests(repository, plan);
  const tag = parseReference(name).tag ?? '';
  await repository.putManifest(tag, plan.root.desc, plan.root.bytes);
  const { digest } = plan.root.desc;
  await noteSource(c, digest, reference);
  onEvent?.({ type: 'pushed', tag, digest, size: plan.root.bytes.length });
  if (plan.reducedFrom === undefined) return;
  const single = plan.manifests.some(({ desc }) => desc.digest === digest);
  onEvent?.({ type: 'reduced', original: plan.reducedFrom, pushed: digest, single });
}

/** An index goes as it is when the registry has the rest of it, or else with what is here. */
async function completedBy(repository: PushRepository, plan: PushPlan): Promise<PushPlan> {
  if (plan.missing.length === 0) return plan;
  const there = await Promise.all(plan.missing.map(({ digest }) => repository.hasManifest(digest)));
  return there.includes(false) ? withoutMissing(plan) : plan;
}

/** By digest, manifests before the indexes that name them; the root is left for last. */
async function pushManifests(repository: PushRepository, { root, manifests, indexes }: PushPlan): Promise<void> {
  const limit = limiter(5);
  const children = manifests.filter(({ desc }) => desc.digest !== root.desc.digest);
  await Promise.all(children.map(({ desc, bytes }) => limit(() => repository.putManifest(desc.digest, desc, bytes))));
  for (const { desc, bytes } of indexes) await repository.putManifest(desc.digest, desc, bytes);
}
