import { DockerError, isDockerError } from '../../docker/errors.ts';
import { type Platform, parsePlatform } from '../../docker/platform.ts';
import {
  formatFamiliar,
  formatReference,
  idPrefix,
  parseReference,
  type Reference,
  repositoryName,
  withDefaultTag,
} from '../../docker/reference.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { type ImageView, viewImage } from './view.ts';

export type { ImageView } from './view.ts';

export interface ResolveOptions {
  /** As `--platform` takes it, or parsed. */
  platform?: string | Platform;
}

/**
 * The image that a user's reference means: a name, a name with digest, an image ID or an unambiguous prefix of one.
 * @throws DockerError not-found in docker's words (`No such image: X`)
 */
export async function resolveImage(engine: Engine, ref: string, options: ResolveOptions = {}): Promise<ImageView> {
  const c = engine.containerd;
  const platform =
    typeof options.platform === 'string' ? parsePlatform(options.platform, hostPlatform()) : options.platform;
  const records = await findRecords(c, ref);
  return viewImage(c, records[0]!, platform);
}

/**
 * The records of one image: the one that a name means, or, for an ID, all that share it.
 * Never empty.
 * @throws DockerError not-found
 */
export async function findRecords(c: Containerd, ref: string): Promise<Image[]> {
  const byName = isFullId(ref) ? undefined : await findByName(c, ref);
  if (byName) return [byName];
  const byId = await findById(c, ref);
  if (byId.length > 0) return byId;
  throw new DockerError('not-found', `No such image: ${displayName(ref)}`);
}

const isFullId = (ref: string): boolean => /^(sha256:)?[0-9a-f]{64}$/.test(ref);

function displayName(ref: string): string {
  if (isFullId(ref)) return ref;
  const parsed = tryParse(ref);
  return parsed ? formatFamiliar(parsed) : ref;
}

function tryParse(ref: string): Reference | undefined {
  try {
    return withDefaultTag(parseReference(ref));
  } catch (error) {
    // An ID of 64 digits, or `sha256:…`, is no repository name.
    if (isDockerError(error, 'invalid') && idPrefix(ref) !== undefined) return undefined;
    throw error;
  }
}

async function findByName(c: Containerd, ref: string): Promise<Image | undefined> {
  const parsed = tryParse(ref);
  if (!parsed) return undefined;
  const exact = await getRecord(c, formatReference(parsed));
  if (exact || !parsed.digest) return exact;
  const repository = repositoryName(parsed);
  const withDigest = await c.images.list([`target.digest==${parsed.digest}`]);
  return withDigest.find((image) => image.name.startsWith(`${repository}:`) || image.name.startsWith(`${repository}@`));
}

async function getRecord(c: Containerd, name: string): Promise<Image | undefined> {
  try {
    return await c.images.get(name);
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return undefined;
    throw error;
  }
}

/** Matches the image ID, and the digests of target and manifest, which other tools show as the ID. */
async function findById(c: Containerd, ref: string): Promise<Image[]> {
  const hex = idPrefix(ref);
  if (hex === undefined) return [];
  const matches: { id: string; record: Image }[] = [];
  for (const { record, view } of await viewAll(c)) {
    const digests = [view?.imageId, record.target?.digest, view?.manifestDesc.digest];
    if (!digests.some((digest) => digest?.startsWith(`sha256:${hex}`))) continue;
    matches.push({ id: view?.imageId ?? record.target?.digest ?? '', record });
  }
  if (new Set(matches.map((match) => match.id)).size > 1) {
    throw new DockerError('invalid', `image ID prefix ${ref} is ambiguous: several images start with it`);
  }
  return matches.map((match) => match.record);
}

/** All images; `view` is missing where content is (an interrupted pull of another tool, another platform's image). */
export async function viewAll(
  c: Containerd,
  filters?: string[],
): Promise<{ record: Image; view: ImageView | undefined }[]> {
  const records = await c.images.list(filters);
  // Many names share a target: its documents are read once.
  const byTarget = new Map<string, Promise<ImageView | undefined>>();
  return Promise.all(
    records.map(async (record) => {
      const digest = record.target?.digest ?? '';
      const pending = byTarget.get(digest) ?? viewOrNothing(c, record);
      byTarget.set(digest, pending);
      const view = await pending;
      return { record, view: view && { ...view, name: record.name, record } };
    }),
  );
}

async function viewOrNothing(c: Containerd, record: Image): Promise<ImageView | undefined> {
  try {
    return await viewImage(c, record);
  } catch (error) {
    if (isDockerError(error)) return undefined;
    throw error;
  }
}
