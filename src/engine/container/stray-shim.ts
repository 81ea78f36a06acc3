import { endProcesses } from '../../host/proc.ts';
import type { Engine } from '../engine.ts';

/**
 * Ends the shim of a container without a task: containerd forgets the shim of a call that is cut off at the wrong
 * moment, when the client is killed during Tasks.Create or Tasks.Delete.
 */
export async function endStrayShim(engine: Engine, id: string): Promise<void> {
  const { namespace } = engine.settings;
  const follows = (args: string[], flag: string, value: string) => args[args.indexOf(flag) + 1] === value;
  await endProcesses(
    (args) =>
      /containerd-shim/.test(args[0] ?? '') && follows(args, '-id', id) && follows(args, '-namespace', namespace),
  );
}
