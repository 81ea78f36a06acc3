import { removeCgroup } from '../../host/cgroups.ts';
import { endProcesses, processArguments } from '../../host/proc.ts';
import type { Engine } from '../engine.ts';

/** As long as containerd itself waits for a shim to end, in milliseconds. */
const patience = 3_000;

/**
 * Ends the shim of a container without a task, and whatever it was about to start: containerd forgets them when a call
 * is cut off at the wrong moment, or when it is killed itself.
 */
export async function endStrayShim(engine: Engine, id: string, cgroupsPath: string | undefined): Promise<void> {
  const { namespace } = engine.settings;
  const follows = (args: string[], flag: string, value: string) => args[args.indexOf(flag) + 1] === value;
  await endProcesses((pid) => {
    const args = processArguments(pid);
    return /containerd-shim/.test(args[0] ?? '') && follows(args, '-id', id) && follows(args, '-namespace', namespace);
  }, patience);
  if (cgroupsPath) await removeCgroup(cgroupsPath);
}
