import { DockerError } from '../../docker/errors.ts';
import { booleanFilter } from '../../docker/flags/filters.ts';
import {
  familiarName,
  formatFamiliar,
  parseReference,
  type Reference,
  tryParseReference,
} from '../../docker/reference.ts';
import { parseTimestamp } from '../../docker/values/time.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Image } from '../../runtime/images.ts';
import type { Engine } from '../engine.ts';
import { isDangling } from './records.ts';
import { sourcesOf } from './sources.ts';
import { type ImageFacts, recordFacts, storedFacts } from './summary.ts';

/** `GET /images/json` of the Docker Engine API, and the record names behind it. */
export interface ImageSummary {
  Id: string;
  ParentId: string;
  RepoTags: string[];
  RepoDigests: string[];
  /** Seconds since 1970. */
  Created: number;
  Size: number;
  SharedSize: number;
  Labels: Record<string, string>;
  Containers: number;
  /** containerd's names. */
  names: string[];
}

/** Key to values; a key given twice means either, different keys mean both. */
export type ImageFilters = Readonly<Record<string, readonly string[]>>;

export interface ListOptions {
  filters?: ImageFilters;
  /** Reads what only some views show: labels, and which names were pulled (RepoDigests). */
  details?: boolean;
}

const knownFilters = new Set(['dangling', 'label', 'before', 'since', 'until', 'reference']);

/** The images of the namespace, newest first; names that share an ID are one image. One call to containerd, mostly. */
export async function listImages(engine: Engine, options: ListOptions = {}): Promise<ImageSummary[]> {
  const c = engine.containerd;
  const filters = options.filters ?? {};
  const unknown = Object.keys(filters).find((key) => !knownFilters.has(key));
  if (unknown !== undefined) throw new DockerError('invalid', `invalid filter '${unknown}'`);
  const records = visible(await c.images.list(), engine.settings.kubeHideDupe);
  const sizes = new Map<string, Promise<number>>();
  const { snapshotter } = engine.settings;
  const stored = records.map((record) => storedFacts(record, snapshotter));
  const found = await Promise.all(
    records.filter((_, i) => !stored[i]).map((record) => recordFacts(c, snapshotter, record, sizes)),
  );
  const entries = records.map((record, i): Entry => {
    const reference = isDangling(record.name) ? undefined : tryParseReference(record.name);
    return { record, facts: stored[i] ?? found.shift()!, reference };
  });
  const images = grouped(entries);
  const needsLabels = options.details || filters.label !== undefined;
  if (needsLabels) await Promise.all(images.map(({ image, entries: [first] }) => addLabels(c, image, first)));
  if (options.details) await Promise.all(images.map(({ image, entries: own }) => addDigests(c, image, own)));
  const summaries = images.map(({ image }) => image);
  const matching = await applyFilters(engine, summaries, filters);
  return matching.sort((a, b) => b.Created - a.Created);
}

/** The engine for each namespace of containerd, by name; the one that it has already, unless all are wanted. */
export async function namespacesOf(engine: Engine, all: boolean): Promise<Engine[]> {
  if (!all) return [engine];
  const found = await engine.containerd.namespaces.list();
  const names = found.map(({ name }) => name).sort();
  return names.map((name) => ({
    ...engine,
    settings: { ...engine.settings, namespace: name },
    containerd: engine.containerd.withNamespace(name),
  }));
}

interface Entry {
  record: Image;
  facts: ImageFacts;
  /** Undefined for a name that is none of docker's. */
  reference: Reference | undefined;
}

/** The kubelet names each image by its ID too; that says nothing where it has another name. */
function visible(records: Image[], hideDuplicates: boolean): Image[] {
  const named = new Set(records.filter(({ name }) => !isDangling(name)).map(({ target }) => target?.digest));
  const shown = records.filter(({ name, target }) => !isId(name) || !named.has(target?.digest));
  if (!hideDuplicates) return shown;
  const hasTag = ({ name }: Image): boolean => tryParseReference(name)?.tag !== undefined;
  const tagged = new Set(records.filter(hasTag).map(({ target }) => target?.digest));
  return shown.filter(
    (record) => isId(record.name) || isDangling(record.name) || hasTag(record) || !tagged.has(record.target?.digest),
  );
}

const isId = (name: string): boolean => /^sha256:[0-9a-f]{64}$/.test(name);

/** Names that share an ID are one image. */
function grouped(all: readonly Entry[]): { image: ImageSummary; entries: [Entry, ...Entry[]] }[] {
  const images = new Map<string, { image: ImageSummary; entries: [Entry, ...Entry[]] }>();
  for (const entry of all) {
    const { record, facts, reference } = entry;
    const known = images.get(facts.id);
    known?.entries.push(entry);
    let image = known?.image;
    if (!image) {
      const created = Math.floor(Date.parse(facts.created) / 1000);
      image = {
        Id: facts.id,
        ParentId: '',
        RepoTags: [],
        RepoDigests: [],
        Created: Number.isNaN(created) ? 0 : created,
        Size: facts.size,
        SharedSize: -1,
        Labels: {},
        Containers: -1,
        names: [],
      };
      images.set(facts.id, { image, entries: [entry] });
    }
    image.names.push(record.name);
    if (reference?.tag !== undefined) image.RepoTags.push(formatFamiliar({ ...reference, digest: undefined }));
    const digest = reference?.digest && `${familiarName(reference)}@${reference.digest}`;
    if (digest && !image.RepoDigests.includes(digest)) image.RepoDigests.push(digest);
  }
  return [...images.values()];
}

async function addLabels(c: Containerd, image: ImageSummary, { record }: Entry): Promise<void> {
  const { viewImage } = await import('./view.ts');
  const view = await viewImage(c, record).catch(() => undefined);
  image.Labels = view?.config.config?.Labels ?? {};
}

/** Those that names without a digest were pulled under. */
async function addDigests(c: Containerd, image: ImageSummary, entries: readonly Entry[]): Promise<void> {
  const digests = await Promise.all(
    entries.map(async ({ record, reference }) => {
      if (!reference) return [];
      const digest = reference.digest ?? record.target?.digest ?? '';
      const known = reference.digest !== undefined || (await wasPulled(c, digest, reference));
      return known ? [`${familiarName(reference)}@${digest}`] : [];
    }),
  );
  image.RepoDigests = [...new Set(digests.flat())];
}

/** A digest is known for names under which a registry gave the target. */
export async function wasPulled(c: Containerd, digest: string, reference: Reference): Promise<boolean> {
  return (await sourcesOf(c, digest, reference).catch(() => [] as string[])).includes(reference.path);
}

async function applyFilters(engine: Engine, images: ImageSummary[], filters: ImageFilters): Promise<ImageSummary[]> {
  let kept = images;
  const { dangling, label, before, since, until, reference } = filters;
  if (dangling) {
    const wanted = booleanFilter(new Map([['dangling', [...dangling]]]), 'dangling', true);
    kept = kept.filter((image) => image.names.every(isDangling) === wanted);
  }
  if (label) kept = kept.filter((image) => label.every((each) => matchesLabel(image.Labels, each)));
  for (const [ref, keep] of [
    ...(before ?? []).map((ref) => [ref, (created: number, than: number) => created < than] as const),
    ...(since ?? []).map((ref) => [ref, (created: number, than: number) => created > than] as const),
  ]) {
    const { resolveImage } = await import('./store.ts');
    const view = await resolveImage(engine, ref);
    const than = Math.floor(Date.parse(view.config.created ?? '') / 1000) || 0;
    kept = kept.filter((image) => keep(image.Created, than));
  }
  for (const text of until ?? []) {
    const limit = untilSeconds(text);
    kept = kept.filter((image) => image.Created <= limit);
  }
  if (reference) kept = kept.flatMap((image) => withReferences(image, reference));
  return kept;
}

/** The value of an `until` filter, in seconds since 1970. */
export function untilSeconds(text: string): number {
  const offset = (millis: number): number => -new Date(millis).getTimezoneOffset();
  return Number(parseTimestamp(text, Date.now(), offset) / 1_000_000_000n);
}

export function matchesLabel(labels: Record<string, string>, filter: string): boolean {
  const equals = filter.indexOf('=');
  if (equals < 0) return Object.hasOwn(labels, filter);
  return labels[filter.slice(0, equals)] === filter.slice(equals + 1);
}

/** The image with only the names that one of the patterns matches. */
function withReferences(image: ImageSummary, patterns: readonly string[]): ImageSummary[] {
  const matches = (text: string): boolean => {
    const reference = parseReference(text);
    return patterns.some((each) => glob(each).test(text) || glob(each).test(familiarName(reference)));
  };
  const RepoTags = image.RepoTags.filter(matches);
  const RepoDigests = image.RepoDigests.filter(matches);
  return RepoTags.length + RepoDigests.length === 0 ? [] : [{ ...image, RepoTags, RepoDigests }];
}

/** Go's path.Match: `*` and `?` stop at slashes. */
function glob(pattern: string): RegExp {
  if (/\[[^\]]*$|\\$/.test(pattern)) throw new DockerError('invalid', 'syntax error in pattern');
  const source = pattern.replace(/\[[^\]]*\]|\\.|[\s\S]/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 2 && part.startsWith('[')) return part.replace(/^\[!/, '[^');
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new DockerError('invalid', 'syntax error in pattern');
  }
}
