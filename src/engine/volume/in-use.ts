import { join } from 'node:path';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { mountPointsOf } from '../mounts/labels.ts';

/** Volume name → IDs of the containers, running or not, that mount it. Volumes that nobody uses are absent. */
export async function volumeUsers(engine: Engine): Promise<Map<string, string[]>> {
  const namespaces = await engine.containerd.namespaces.list();
  const lists = await Promise.all(
    namespaces.map(async ({ name }) => ({
      name,
      containers: await engine.containerd
        .withNamespace(name)
        .containers.list(['labels."nerdctl/mounts.0"', 'labels."nerdctl/mounts"']),
    })),
  );
  const users = new Map<string, string[]>();
  for (const { name, containers } of lists) {
    for (const container of containers) {
      for (const volume of volumesOf(engine, container, name)) {
        users.set(volume, [...(users.get(volume) ?? []), container.id]);
      }
    }
  }
  return users;
}

/** A container of another namespace can only hold our volume by its path. */
function volumesOf(engine: Engine, container: Container, namespace: string): Set<string> {
  const own = namespace === engine.settings.namespace;
  const names = new Set<string>();
  for (const point of mountPointsOf(container.labels)) {
    if (point.Type !== 'volume' || !point.Name) continue;
    if (own || point.Source === join(engine.store.volumes, point.Name, '_data')) names.add(point.Name);
  }
  return names;
}
