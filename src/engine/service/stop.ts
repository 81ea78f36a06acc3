import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { removeFile } from '../../host/files.ts';
import { readPidFile } from '../../host/pid-file.ts';
import { endProcess, endProcesses, hasProcess, processArguments } from '../../host/proc.ts';
import { type Stopped, stopAll } from '../container/stop-all.ts';
import type { Engine } from '../engine.ts';
import { type DaemonPlan, type Env, findDaemon, servicePlan } from './daemons.ts';
import { launchDaemon } from './launch.ts';
import { withServiceLock } from './lock.ts';
import { observeDaemon, whoseProcess } from './observe.ts';

export interface StopOptions {
  /** Seconds for each container, instead of its own time. */
  timeout?: number;
  /** Docker's word: the containers stay, and are found by the next containerd. */
  liveRestore: boolean;
}

export interface StopReport {
  containers(stopped: Stopped[]): void;
  stopped(plan: DaemonPlan, pid: number): void;
  notRunning(plan: DaemonPlan): void;
}

/** Milliseconds for a daemon to end in good order. */
const patience = 15_000;

/**
 * Ends what {@link import('./start.ts').startService} has started: BuildKit, the containers as dockerd's end does (they are
 * not marked as stopped on purpose), containerd, and whatever is left of shims and monitors.
 * @throws DockerError where somebody else has started the containerd that runs
 */
export async function stopService(engine: Engine, env: Env, options: StopOptions, report: StopReport): Promise<void> {
  const plan = servicePlan(engine.settings);
  await withServiceLock(engine, plan, async () => {
    if (plan.buildkitd) {
      const pid = readPidFile(plan.buildkitd.pidFile);
      if (pid !== undefined) await endDaemon(plan.buildkitd, pid, report);
    }
    const { containerd } = plan;
    const pid = await runningContainerd(engine, env, containerd, options);
    if (pid === undefined) {
      await removeFile(containerd.pidFile);
      return report.notRunning(containerd);
    }
    if (!options.liveRestore) report.containers(await stopAll(engine, options.timeout));
    await endDaemon(containerd, pid, report);
    if (!options.liveRestore) await endProcesses(isLeftOf(engine), 2_000);
  });
}

/** Shims of this containerd, whichever program's containers they have; monitors of its data store. */
function isLeftOf({ settings, store }: Engine): (pid: number) => boolean {
  return (pid) => {
    const [program = '', ...words] = processArguments(pid);
    if (/containerd-shim[^/]*$/.test(program)) return words[words.indexOf('-address') + 1] === settings.address;
    return (
      /nerdctl-monitor$/.test(program) && words.some((word) => word.startsWith(`${join(store.root, 'containers')}/`))
    );
  };
}

/** The containerd that is ours to end. One that was killed has left its containers: it is needed to end them in order. */
async function runningContainerd(
  engine: Engine,
  env: Env,
  plan: DaemonPlan,
  { liveRestore }: StopOptions,
): Promise<number | undefined> {
  const wasOurs = existsSync(plan.pidFile);
  const state = await observeDaemon(plan);
  if (state.ours) {
    if (state.answers || liveRestore) return state.pid;
    // One that hangs is of no help.
    await endProcess(state.pid!, patience);
  } else if (state.answers) {
    const instead = state.unit === undefined ? '' : `: "systemctl stop ${state.unit}" stops it`;
    const sentence = `${plan.name} (${whoseProcess(state)}) was not started by "nerdctl system start"${instead}`;
    throw new DockerError('unavailable', sentence);
  }
  const program = findDaemon(plan.name, env);
  if (liveRestore || !wasOurs || program === undefined || !hasProcess(isLeftOf(engine))) return undefined;
  return launchDaemon(plan, program, env, engine.signal);
}

async function endDaemon(plan: DaemonPlan, pid: number, report: StopReport): Promise<void> {
  await endProcess(pid, patience);
  await removeFile(plan.pidFile);
  report.stopped(plan, pid);
}
