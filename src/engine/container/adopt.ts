import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { monitorPath } from '../../host/program.ts';
import type { Container } from '../../runtime/containers.ts';
import { monitorUri } from '../../runtime/io/monitor-conf.ts';
import type { Engine } from '../engine.ts';
import { planOfLabels } from '../network/mode.ts';
import { netnsPath } from './container-dir.ts';
import { dropGoHooks } from './go-hooks.ts';
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
  dropGoHooks(spec);
  if (planOfLabels(container.labels).kind === 'cni') {
    spec.linux.namespaces = spec.linux.namespaces.map((namespace) =>
      namespace.type === 'network' ? { type: 'network', path: netnsPath(container.id) } : namespace,
    );
  }
  // Without a status containerd's own restart monitor leaves it alone: ours restarts it.
  const labels = {
    [label.logUri]: monitorUri(stateDir, monitorPath(engine.settings.dataRoot)),
    [label.restartStatus]: '',
  };
  const adopted: Container = { ...container, labels: { ...container.labels, ...labels }, spec: packSpec(spec) };
  await engine.containerd.containers.update({ id: container.id, labels, spec: adopted.spec }, [
    'spec',
    ...Object.keys(labels).map((key) => `labels.${key}`),
  ]);
  return adopted;
}
