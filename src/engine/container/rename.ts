import { DockerError, isDockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';
import { renameInHosts } from '../network/hosts.ts';
import { nameOf } from './container-dir.ts';
import { findContainer } from './find.ts';
import { label } from './labels.ts';
import { checkContainerName, releaseName, reserveName } from './names.ts';
import { packSpec, specOf } from './spec-record.ts';

export async function renameContainer(engine: Engine, ref: string, newName: string): Promise<void> {
  const container = await findContainer(engine, ref);
  const wanted = newName.replace(/^\//, '');
  if (!wanted) throw new DockerError('invalid', 'Neither old nor new names may be empty');
  allocating(() => checkContainerName(wanted, `/${wanted}`));
  const oldName = nameOf(container);
  if (oldName === wanted) {
    throw new DockerError('invalid', 'Renaming a container with the same name as its current name');
  }
  await reserveName(engine, wanted, container.id).catch((error: unknown) => allocating(() => rethrow(error)));
  try {
    const spec = specOf(container);
    // Where Go nerdctl's hook reads the name that it reserves at each start.
    if (spec.annotations) spec.annotations[label.name] = wanted;
    await engine.containerd.containers.update(
      { id: container.id, labels: { [label.name]: wanted }, spec: packSpec(spec) },
      [`labels.${label.name}`, 'spec'],
    );
  } catch (error) {
    await releaseName(engine, wanted, container.id);
    throw error;
  }
  await Promise.all([releaseName(engine, oldName, container.id), renameInHosts(engine, container.id, wanted)]);
}

/** What dockerd puts before the sentence of a name that cannot be had. */
function allocating(reserve: () => void): void {
  try {
    reserve();
  } catch (error) {
    if (!isDockerError(error)) throw error;
    throw new DockerError(error.kind, `Error when allocating new name: ${error.message}`);
  }
}

function rethrow(error: unknown): never {
  throw error;
}
