import { DockerError } from '../../docker/errors.ts';
import { shortId } from '../../docker/oci.ts';
import { familiarName, formatFamiliar, idPrefix, repositoryName, tryParseReference } from '../../docker/reference.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { withLease } from './lease.ts';
import { wasPulled } from './list.ts';
import { danglingName, deleteRecord, isDangling, putImage } from './records.ts';
import { findRecords, viewAll } from './store.ts';
import { type ContainerUse, containerUses, usesImage } from './usage.ts';
import type { ImageView } from './view.ts';

/** `DELETE /images/{name}` of the Docker Engine API. */
export type ImageDeletion = { Untagged: string } | { Deleted: string };

export interface RemoveOptions {
  force?: boolean;
  /** Does not wait until containerd has collected the content. */
  async?: boolean;
}

type Known = { record: Image; view: ImageView | undefined };

const idOf = ({ record, view }: Known): string => view?.imageId ?? record.target?.digest ?? '';

/**
 * Removes a name, and the image with its last one; by ID, all names of one repository. The order of the checks and
 * their sentences are docker's (moby, image_delete.go: behaviour only).
 * @throws DockerError not-found or conflict
 */
export async function removeImage(engine: Engine, ref: string, options: RemoveOptions = {}): Promise<ImageDeletion[]> {
  const c = engine.containerd;
  const [found, all, uses] = await Promise.all([findRecords(c, ref), viewAll(c), containerUses(c)]);
  const chosen = all.find(({ record }) => record.name === found[0]!.name);
  if (!chosen) throw new DockerError('not-found', `No such image: ${ref}`);
  const id = idOf(chosen);
  const siblings = all.filter((known) => idOf(known) === id);
  const users = uses.filter((use) =>
    usesImage(
      use,
      id,
      siblings.map(({ record }) => record.name),
    ),
  );
  const context: RemoveContext = { c, all, siblings, id, users, options };
  const byId = isIdReference(ref, chosen.record, id);
  return byId ? removeById(context) : removeByName(context, chosen.record, ref);
}

interface RemoveContext {
  c: Containerd;
  all: readonly Known[];
  /** Every record of the image. */
  siblings: readonly Known[];
  id: string;
  users: readonly ContainerUse[];
  options: RemoveOptions;
}

/** `cafe` may be a name; it is one when the record that was found has it. */
function isIdReference(ref: string, record: Image, id: string): boolean {
  const hex = idPrefix(ref);
  if (hex === undefined || !(id.startsWith(`sha256:${hex}`) || record.target?.digest.startsWith(`sha256:${hex}`)))
    return false;
  const reference = tryParseReference(ref);
  return !reference || !record.name.startsWith(`${repositoryName(reference)}:`);
}

const namedOf = (siblings: readonly Known[]): Known[] => siblings.filter(({ record }) => !isDangling(record.name));

async function removeByName(context: RemoveContext, record: Image, ref: string): Promise<ImageDeletion[]> {
  const { c, siblings, users, options } = context;
  const named = namedOf(siblings);
  const last = named.length <= 1;
  if (last && !options.force && users[0]) {
    throw new DockerError(
      'conflict',
      `conflict: unable to remove repository reference "${ref}" (must force) - container ${shortId(users[0].id)} is using its referenced image ${shortId(context.id)}`,
    );
  }
  const untagged = await untaggedLines(context, [record]);
  if (!last) {
    await deleteRecord(c, record.name);
    return untagged;
  }
  if (users.some((use) => use.running)) {
    // The containers go on, and the image stays for them without a name.
    await withLease(c, async (leased) => {
      await deleteRecord(leased, record.name);
      await putImage(leased, danglingName(record.target?.digest ?? ''), record.target!);
    });
    return untagged;
  }
  return [...untagged, ...(await deleteAll(context))];
}

async function removeById(context: RemoveContext): Promise<ImageDeletion[]> {
  const { siblings, id, users, options } = context;
  const named = namedOf(siblings);
  const repositories = new Set(named.map(({ record }) => record.name.replace(/(:[^/:@]+)?(@.*)?$/, '')));
  const conflict = (how: string, why: string): DockerError =>
    new DockerError('conflict', `conflict: unable to delete ${shortId(id)} (${how}) - ${why}`);
  const running = users.find((use) => use.running);
  if (running) {
    throw conflict('cannot be forced', `image is being used by running container ${shortId(running.id)}`);
  }
  if (!options.force) {
    if (users[0]) throw conflict('must be forced', `image is being used by stopped container ${shortId(users[0].id)}`);
    if (repositories.size > 1) throw conflict('must be forced', 'image is referenced in multiple repositories');
  }
  const untagged = await untaggedLines(
    context,
    named.map(({ record }) => record),
  );
  return [...untagged, ...(await deleteAll(context))];
}

async function untaggedLines({ c, siblings }: RemoveContext, records: readonly Image[]): Promise<ImageDeletion[]> {
  const lines: ImageDeletion[] = [];
  const removed = new Set(records.map(({ name }) => name));
  const kept = new Set(
    namedOf(siblings)
      .filter(({ record }) => !removed.has(record.name))
      .map(({ record }) => tryParseReference(record.name))
      .map((reference) => reference && repositoryName(reference)),
  );
  const digests = new Set<string>();
  for (const record of records) {
    const reference = tryParseReference(record.name);
    if (!reference) continue;
    lines.push({ Untagged: formatFamiliar(reference) });
    const digest = record.target?.digest ?? '';
    const lastOfRepository = !kept.has(repositoryName(reference)) && reference.digest === undefined;
    if (lastOfRepository && (await wasPulled(c, digest, reference)))
      digests.add(`${familiarName(reference)}@${digest}`);
  }
  return [...lines, ...[...digests].map((name) => ({ Untagged: name }))];
}

/** All records of the image; the collector does the rest, and is waited for at the last one. */
async function deleteAll({ c, all, siblings, id, options }: RemoveContext): Promise<ImageDeletion[]> {
  const names = siblings.map(({ record }) => record.name);
  for (const [i, name] of names.entries()) {
    await deleteRecord(c, name, { sync: !options.async && i === names.length - 1 });
  }
  const inUse = new Set(all.filter((known) => idOf(known) !== id).flatMap(({ view }) => view?.chainIds ?? []));
  const chain = siblings.find(({ view }) => view)?.view?.chainIds ?? [];
  const gone = [...chain].reverse().filter((chainId) => !inUse.has(chainId));
  return [{ Deleted: id }, ...gone.map((chainId) => ({ Deleted: chainId }))];
}
