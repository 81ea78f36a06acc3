import { checkFilterKeys, type Filters, matchLabels } from '../../docker/flags/filters.ts';
import { parseTimestamp } from '../../docker/values/time.ts';
import type { ContainerSummary } from '../../docker/views/container-list.ts';
import type { Engine } from '../engine.ts';
import { dockerLabels } from './labels.ts';
import { type ListedContainer, listContainers } from './list.ts';
import { removeContainer } from './remove.ts';
import { addSizes } from './size.ts';

/** Docker's report of `POST /containers/prune`; bytes. */
export interface ContainerPruneReport {
  ContainersDeleted: string[];
  SpaceReclaimed: number;
}

/** Removes the containers that do not run. One that is started meanwhile stays. */
export async function pruneContainers(engine: Engine, filters: Filters): Promise<ContainerPruneReport> {
  checkFilterKeys(filters, ['label', 'label!', 'until']);
  const limits = (filters.get('until') ?? []).map((text) => Number(parseTimestamp(text, Date.now()) / 1_000_000n));
  const candidates = (await listContainers(engine)).filter(
    ({ container, state }) =>
      !state.Running &&
      limits.every((limit) => (container.createdAt?.getTime() ?? 0) <= limit) &&
      matchLabels(filters.get('label'), dockerLabels(container.labels)) &&
      !(filters.get('label!') ?? []).some((unwanted) => matchLabels([unwanted], dockerLabels(container.labels))),
  );
  const sizes = candidates.map((): Pick<ContainerSummary, 'SizeRw' | 'SizeRootFs'> => ({}));
  await addSizes(engine, candidates, sizes);
  const report: ContainerPruneReport = { ContainersDeleted: [], SpaceReclaimed: 0 };
  const results = await Promise.allSettled(candidates.map((candidate) => remove(engine, candidate)));
  for (const [i, result] of results.entries()) {
    if (result.status === 'rejected') continue;
    report.ContainersDeleted.push(result.value);
    report.SpaceReclaimed += sizes[i]?.SizeRw ?? 0;
  }
  return report;
}

async function remove(engine: Engine, { container }: ListedContainer): Promise<string> {
  await removeContainer(engine, container.id, { force: false, volumes: false });
  return container.id;
}
