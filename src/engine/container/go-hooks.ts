import { isDockerError } from '../../docker/errors.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Spec } from '../../runtime/spec/oci.ts';
import type { Engine } from '../engine.ts';
import { nameOf } from './container-dir.ts';
import { reserveName } from './names.ts';
import { specOf } from './spec-record.ts';
import { orUndefined } from './task.ts';

interface Hook {
  args?: string[];
}

const isGoHook = ({ args = [] }: Hook): boolean => args.includes('internal') && args.includes('oci-hook');

const hooksOf = (spec: Spec) => spec.hooks as Record<string, Hook[] | undefined> | undefined;

/** Whether Go nerdctl's hook joins the networks when the container's task is made, and leaves them after it. */
export function hasGoHooks(spec: Spec): boolean {
  return Object.values(hooksOf(spec) ?? {}).some((list) => list?.some(isGoHook));
}

export function dropGoHooks(spec: Spec): void {
  const hooks = hooksOf(spec);
  if (!hooks) return;
  for (const [stage, list] of Object.entries(hooks)) {
    hooks[stage] = list?.filter((hook) => !isGoHook(hook));
    if (hooks[stage]?.length === 0) delete hooks[stage];
  }
  if (Object.keys(hooks).length === 0) delete spec.hooks;
}

/** Deletes a stopped task. Go nerdctl's hook then gives up the name, which is still the container's. */
export async function deleteTask(engine: Engine, container: Container): Promise<void> {
  await orUndefined(engine.containerd.tasks.delete(container.id));
  if (!hasGoHooks(specOf(container))) return;
  await reserveName(engine, nameOf(container), container.id).catch((error: unknown) => {
    if (!isDockerError(error, 'conflict')) throw error;
  });
}
