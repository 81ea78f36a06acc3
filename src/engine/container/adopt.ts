import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../../runtime/containers.ts';
import { monitorUri } from '../../runtime/io/monitor-conf.ts';
import type { Spec } from '../../runtime/spec/oci.ts';
import type { Engine } from '../engine.ts';
import { planOfLabels } from '../network/mode.ts';
import { netnsPath } from './container-dir.ts';
import { label } from './labels.ts';
import { packSpec, specOf } from './spec-record.ts';

/**
 * Makes a container of Go nerdctl's startable without its program: the hooks that would call it go, since we set up
 * the network ourselves, and the log goes to our monitor. Its files and labels stay as they are, so that Go nerdctl
 * still knows it. A container that we made is returned as it is.
 */
export async function adoptContainer(engine: Engine, container: Container, stateDir: string): Promise<Container> {
  if (existsSync(join(stateDir, 'docker.json'))) return container;
  const spec = specOf(container);
  dropHooks(spec);
  if (planOfLabels(container.labels).kind === 'cni') {
    spec.linux.namespaces = spec.linux.namespaces.map((namespace) =>
      namespace.type === 'network' ? { type: 'network', path: netnsPath(container.id) } : namespace,
    );
  }
  const adopted: Container = {
    ...container,
    labels: { ...container.labels, [label.logUri]: monitorUri(stateDir) },
    spec: packSpec(spec),
  };
  await engine.containerd.containers.update(
    { id: container.id, labels: { [label.logUri]: adopted.labels[label.logUri]! }, spec: adopted.spec },
    ['spec', `labels.${label.logUri}`],
  );
  return adopted;
}

interface Hook {
  args?: string[];
}

function dropHooks(spec: Spec): void {
  const hooks = spec.hooks as Record<string, Hook[] | undefined> | undefined;
  if (!hooks) return;
  for (const [stage, list] of Object.entries(hooks)) {
    hooks[stage] = list?.filter(({ args = [] }) => !(args.includes('internal') && args.includes('oci-hook')));
    if (hooks[stage]?.length === 0) delete hooks[stage];
  }
  if (Object.keys(hooks).length === 0) delete spec.hooks;
}
