import { isDockerError } from '../../docker/errors.ts';
import { type OciDescriptor, parseManifest } from '../../docker/oci.ts';
import { formatReference, parseReference, type Reference, repositoryName } from '../../docker/reference.ts';
import { openRepository, type RegistryOptions, type Repository } from '../../registry/client.ts';
import { openPush, type PushRepository } from '../../registry/push.ts';
import { pushError } from '../../registry/push-errors.ts';
import { sha256 } from '../image/content.ts';
import { limiter } from '../image/limit.ts';
import type { PushEvent } from '../image/push-events.ts';
import { descriptorsFor, listDocument } from './list.ts';
import type { ImageManifest } from './store.ts';

const parallel = 5;

export interface PushListOptions {
  /** A manifest of another repository is in the list's repository now. */
  onManifest?: (ref: string, digest: string) => void;
  /** What happens to the blobs of the manifest that comes next, one manifest after the other. */
  onEvent?: (event: PushEvent) => void;
}

/**
 * Pushes a local list. What is in other repositories of the registry is mounted into the list's own, or copied where
 * the registry does not mount.
 * @returns the digest of the list
 */
export async function pushList(
  options: RegistryOptions,
  target: Reference,
  manifests: readonly ImageManifest[],
  { onManifest, onEvent }: PushListOptions = {},
): Promise<string> {
  for (const { Ref, Descriptor } of manifests) {
    if (Descriptor.platform?.os && Descriptor.platform.architecture) continue;
    throw new Error(`manifest ${Ref} must have an OS and Architecture to be pushed to a registry`);
  }
  const { mediaType, text } = listDocument(descriptorsFor(target, manifests));
  const bytes = Buffer.from(text);
  const desc = { mediaType, digest: sha256(bytes), size: bytes.length };
  const repository = openPush(target, options);
  try {
    for (const manifest of manifests) {
      const source = parseReference(manifest.Ref);
      if (source.path === target.path) continue;
      await bringOver(options, repository, source, manifest, onEvent);
      onManifest?.(`${repositoryName(target)}@${manifest.Descriptor.digest}`, manifest.Descriptor.digest);
    }
    await repository.putManifest(target.tag ?? desc.digest, desc, bytes);
    return desc.digest;
  } catch (error) {
    options.signal.throwIfAborted();
    // docker's client pushes lists by itself: no daemon has answered.
    const told = pushError(error);
    throw isDockerError(told) ? new Error(told.message, { cause: error }) : told;
  } finally {
    repository.close();
  }
}

async function bringOver(
  options: RegistryOptions,
  repository: PushRepository,
  source: Reference,
  { Ref, Descriptor, Raw }: ImageManifest,
  onEvent: (event: PushEvent) => void = () => {},
): Promise<void> {
  const from = openRepository(source, options);
  try {
    const bytes = Raw === undefined ? (await from.manifest(Descriptor.digest)).bytes : Buffer.from(Raw, 'base64');
    if (sha256(bytes) !== Descriptor.digest) {
      throw new Error(
        `the local copy of ${formatReference(source)} is not what its digest says: create the list again`,
      );
    }
    const { config, layers } = parseManifest(bytes, Ref);
    const blobs = new Map([config, ...layers].filter(({ urls }) => !urls?.length).map((desc) => [desc.digest, desc]));
    const limit = limiter(parallel);
    const { digest: configDigest } = config;
    const work = [...blobs.values()].map((desc) => {
      const { digest, size: total } = desc;
      const emit = (event: LayerEvent): void => {
        if (digest !== configDigest) onEvent({ type: 'layer', digest, total, ...event });
      };
      emit({ state: 'preparing' });
      return limit(() => copyBlob(repository, from, source.path, desc, emit));
    });
    await Promise.all(work);
    await repository.putManifest(Descriptor.digest, Descriptor, bytes);
  } finally {
    from.close();
  }
}

type LayerEvent = Omit<Extract<PushEvent, { type: 'layer' }>, 'type' | 'digest'>;

async function copyBlob(
  to: PushRepository,
  from: Repository,
  path: string,
  desc: OciDescriptor,
  emit: (event: LayerEvent) => void,
): Promise<void> {
  if (await to.hasBlob(desc.digest)) return emit({ state: 'exists' });
  const source = { desc, open: (offset: number) => blobFrom(from, desc.digest, offset) };
  const mounted = await to.upload(source, {
    mountFrom: [path],
    onProgress: (current) => emit({ state: 'pushing', current }),
    onRetry: (seconds) => emit({ state: 'retrying', seconds }),
  });
  emit(mounted === undefined ? { state: 'pushed' } : { state: 'mounted', from: mounted });
}

async function* blobFrom(repository: Repository, digest: string, offset: number): AsyncGenerator<Uint8Array> {
  const { start, stream } = await repository.blob(digest, offset);
  let skip = offset - start;
  for await (const chunk of stream) {
    if (skip < chunk.length) yield chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}
