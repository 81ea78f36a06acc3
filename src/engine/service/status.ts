import type { Settings } from '../settings.ts';
import { type DaemonPlan, type Env, findDaemon, servicePlan } from './daemons.ts';
import { type DaemonState, observeDaemon } from './observe.ts';

export interface ServiceStatus {
  plan: DaemonPlan;
  state: DaemonState;
}

/** What runs of the engine, containerd first; BuildKit where it runs or is installed. Nothing is started or locked. */
export async function serviceStatus(settings: Settings, env: Env): Promise<ServiceStatus[]> {
  const { containerd, buildkitd } = servicePlan(settings);
  const plans = [containerd, ...(buildkitd ? [buildkitd] : [])];
  const all = await Promise.all(plans.map(async (plan) => ({ plan, state: await observeDaemon(plan) })));
  return all.filter(
    ({ plan, state }) => plan === containerd || state.ours || state.answers || findDaemon(plan.name, env) !== undefined,
  );
}
