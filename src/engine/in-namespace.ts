import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from './engine.ts';
import { dataStore } from './paths.ts';

/** The same engine, seen in another namespace. */
export function inNamespace(engine: Engine, namespace: string): Engine {
  const { settings } = engine;
  const others = settings.nonDefaultArgs.filter((argument) => !argument.startsWith('--namespace='));
  const nonDefaultArgs = namespace === 'default' ? others : [...others, `--namespace=${namespace}`];
  return {
    ...engine,
    // Not a spread: some settings are worked out when they are asked for.
    settings: Object.create(settings, {
      namespace: { value: namespace, enumerable: true },
      nonDefaultArgs: { value: nonDefaultArgs, enumerable: true },
    }),
    containerd: engine.containerd.withNamespace(namespace),
    store: dataStore(engine.store.root, namespace),
  };
}

/** The namespaces in which docker-like tools have made containers: not those of Kubernetes or docker. */
export async function managedNamespaces(engine: Engine): Promise<string[]> {
  const all = (await engine.containerd.namespaces.list()).map(({ name }) => name);
  return all.filter((name) => existsSync(join(dirname(engine.store.containers), name)));
}
