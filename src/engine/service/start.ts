import { DockerError } from '../../docker/errors.ts';
import { makeRoomForCgroups } from '../../host/cgroup-nesting.ts';
import { systemdBooted } from '../../host/cgroups.ts';
import { hasMark, markPidFile } from '../../host/pid-file.ts';
import { hasUnit } from '../../host/systemd.ts';
import { type Restored, restoreAll } from '../container/restore.ts';
import type { Engine } from '../engine.ts';
import { type DaemonPlan, type Env, findDaemon, servicePlan } from './daemons.ts';
import { installHint } from './install-hint.ts';
import { launchDaemon } from './launch.ts';
import { withServiceLock } from './lock.ts';
import { type DaemonState, observeDaemon } from './observe.ts';

export interface StartedService {
  plan: DaemonPlan;
  state: DaemonState;
  /** Now; otherwise it ran already. */
  started: boolean;
}

export interface StartReport {
  service(started: StartedService): void;
  /** A part that is wanted, but not there. */
  problem(sentence: string): void;
  restored(containers: Restored[]): void;
}

/** In the PID file, when the containers of this run of containerd have been started. */
const restoredMark = 'restored';

/**
 * Brings up containerd, the containers that have a restart policy, and BuildKit where it is installed. What runs already
 * is left alone; systemd is not gone behind.
 */
export async function startService(engine: Engine, env: Env, report: StartReport): Promise<void> {
  const plan = servicePlan(engine.settings);
  await withServiceLock(engine, plan, async () => {
    const containerd = await bringUp(plan.containerd, env, engine.signal);
    report.service(containerd);
    if (containerd.state.ours && !hasMark(plan.containerd.pidFile, restoredMark)) {
      report.restored(await restoreAll(engine));
      markPidFile(plan.containerd.pidFile, restoredMark);
    }
    const { buildkitd } = plan;
    if (buildkitd === undefined || findDaemon(buildkitd.name, env) === undefined) return;
    try {
      report.service(await bringUp(buildkitd, env, engine.signal));
    } catch (error) {
      // Containers do without it.
      engine.signal.throwIfAborted();
      report.problem((error as Error).message);
    }
  });
}

async function bringUp(plan: DaemonPlan, env: Env, signal: AbortSignal): Promise<StartedService> {
  const { name, unit, socket } = plan;
  const state = await observeDaemon(plan);
  if (state.answers) return { plan, state, started: false };
  if (state.ours) {
    const sentence = `${name} runs (process ${state.pid}), but does not answer at ${socket}: "nerdctl system stop" ends it`;
    throw new DockerError('unavailable', sentence);
  }
  if (await hasUnit(unit)) {
    throw new DockerError(
      'unavailable',
      `${name} is systemd's here, and ${unit} does not run: "systemctl start ${unit}" starts it`,
    );
  }
  const program = findDaemon(name, env);
  if (program === undefined) throw new DockerError('unavailable', `${name} is not installed: ${installHint()}`);
  if (!systemdBooted()) makeRoomForCgroups();
  const pid = await launchDaemon(plan, program, env, signal);
  return { plan, state: { answers: true, pid, ours: true }, started: true };
}
