import { DockerError } from '../../docker/errors.ts';
import { booleanFilter } from '../../docker/flags/filters.ts';
import type { Engine } from '../engine.ts';
import { dropDeadLeases } from './lease.ts';
import { type ImageFilters, type ImageSummary, listImages, matchesLabel, untilSeconds } from './list.ts';
import { isDangling } from './records.ts';
import { type ImageDeletion, removeImage } from './remove.ts';
import { containerUses, usesImage } from './usage.ts';

export interface PruneReport {
  ImagesDeleted: ImageDeletion[];
  /** Bytes of the layers that no other image has. */
  SpaceReclaimed: number;
}

/**
 * Removes images without a name, or with `dangling=false` all that no container was made from.
 * Filters: `dangling`, `until`, `label`, `label!`.
 * @throws DockerError invalid before anything is removed
 */
export async function pruneImages(engine: Engine, filters: ImageFilters = {}): Promise<PruneReport> {
  const selected = selector(filters);
  const danglingOnly = booleanFilter(new Map(Object.entries(filters).map(([k, v]) => [k, [...v]])), 'dangling', true);
  const [images, uses] = await Promise.all([listImages(engine, { details: true }), containerUses(engine.containerd)]);
  await dropDeadLeases(engine.containerd, () => true);
  const report: PruneReport = { ImagesDeleted: [], SpaceReclaimed: 0 };
  const before = await snapshotSizes(engine);
  for (const image of images) {
    if (danglingOnly && !image.names.every(isDangling)) continue;
    if (!selected(image) || uses.some((use) => usesImage(use, image.Id, image.names))) continue;
    // By name where there is one: by ID, several repositories would need force.
    const targets = image.RepoTags.length > 0 ? image.RepoTags : [image.Id];
    for (const target of targets) report.ImagesDeleted.push(...(await removeImage(engine, target)));
  }
  for (const line of report.ImagesDeleted) {
    if ('Deleted' in line) report.SpaceReclaimed += before.get(line.Deleted) ?? 0;
  }
  return report;
}

function selector(filters: ImageFilters): (image: ImageSummary) => boolean {
  const unknown = Object.keys(filters).find((key) => !['dangling', 'until', 'label', 'label!'].includes(key));
  if (unknown !== undefined) throw new DockerError('invalid', `invalid filter '${unknown}'`);
  const { until = [], label = [], 'label!': without = [] } = filters;
  if (until.length > 1) throw new DockerError('invalid', 'more than one until filter specified');
  const limit = until[0] === undefined ? undefined : untilSeconds(until[0]);
  return (image) =>
    (limit === undefined || image.Created <= limit) &&
    label.every((each) => matchesLabel(image.Labels, each)) &&
    !without.some((each) => matchesLabel(image.Labels, each));
}

async function snapshotSizes(engine: Engine): Promise<Map<string, number>> {
  const snapshots = engine.containerd.snapshots(engine.settings.snapshotter);
  const committed = (await snapshots.list()).filter(({ name }) => /^sha256:/.test(name));
  const sizes = await Promise.all(
    committed.map(({ name }) =>
      snapshots.usage(name).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return new Map(committed.map(({ name }, i) => [name, sizes[i]!]));
}
