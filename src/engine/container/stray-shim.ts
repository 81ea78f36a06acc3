import { removeCgroup } from '../../host/cgroups.ts';
import { endProcesses, processArguments, workingDirectory } from '../../host/proc.ts';
import { awaitRemoval } from '../../host/removal.ts';
import type { Engine } from '../engine.ts';

/** As long as containerd itself waits for a shim to end, in milliseconds. */
const patience = 3_000;

/** The longest that containerd takes to put away what a dead shim has left, in milliseconds. */
const cleanupPatience = 10_000;

/**
 * Ends the shim of a container without a task, and whatever it was about to start: containerd forgets them when a call
 * is cut off at the wrong moment, or when it is killed itself. Then waits until containerd has put away their bundle.
 */
export async function endStrayShim(engine: Engine, id: string, cgroupsPath: string | undefined): Promise<void> {
  const { namespace } = engine.settings;
  const follows = (args: string[], flag: string, value: string) => args[args.indexOf(flag) + 1] === value;
  const shimArguments = (pid: number) => {
    const args = processArguments(pid);
    const isOurs = follows(args, '-id', id) && follows(args, '-namespace', namespace);
    return /containerd-shim/.test(args[0] ?? '') && isOurs ? args : undefined;
  };
  const bundles = new Set<string>();
  await endProcesses((pid) => {
    const args = shimArguments(pid);
    // containerd runs `delete` when a shim is gone: killed, it would leave behind what it is there to remove.
    if (!args || args.at(-1) === 'delete') return false;
    const bundle = workingDirectory(pid);
    if (bundle?.endsWith(`/${id}`)) bundles.add(bundle);
    return true;
  }, patience);
  await endProcesses((pid) => shimArguments(pid) !== undefined, cleanupPatience);
  await Promise.all([...bundles].map((bundle) => awaitRemoval(bundle, cleanupPatience)));
  if (cgroupsPath) await removeCgroup(cgroupsPath);
}
