import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { removeCgroup } from '../../host/cgroups.ts';
import { removeTree } from '../../host/files.ts';
import { endProcesses, linkTarget, processArguments } from '../../host/proc.ts';
import { awaitRemoval } from '../../host/removal.ts';
import type { Engine } from '../engine.ts';

/** As long as containerd itself waits for a shim to end, in milliseconds. */
const patience = 3_000;

/** The longest that containerd takes to run the shim's `delete`, in milliseconds, and to remove the bundle after it. */
const deletePatience = 10_000;
const bundlePatience = 3_000;

/**
 * Ends the shim of a container without a task, and whatever it was about to start: containerd forgets them when a call
 * is cut off at the wrong moment, or when it is killed itself. The bundle is containerd's to remove, but one that was
 * started again since does not know of it.
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
    const bundle = linkTarget(`/proc/${pid}/cwd`);
    if (bundle?.endsWith(`/io.containerd.runtime.v2.task/${namespace}/${id}`)) bundles.add(bundle);
    return true;
  }, patience);
  await endProcesses((pid) => shimArguments(pid) !== undefined, deletePatience);
  for (const bundle of bundles) {
    await awaitRemoval(bundle, bundlePatience);
    if (existsSync(bundle)) await removeBundle(engine, bundle);
  }
  if (cgroupsPath) await removeCgroup(cgroupsPath);
}

/** With the working directory that it links to, below containerd's root. */
async function removeBundle(engine: Engine, bundle: string): Promise<void> {
  await engine.host.unmount(join(bundle, 'rootfs'));
  const work = linkTarget(join(bundle, 'work'));
  await Promise.all([removeTree(bundle), work && basename(work) === basename(bundle) ? removeTree(work) : undefined]);
}
