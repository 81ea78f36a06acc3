import { existsSync, readFileSync } from 'node:fs';
import { cgroupVersion } from '../../host/cgroups.ts';
import type { Rootless } from '../../rootless/rootless.ts';
import { capabilitiesOfMask } from '../../runtime/spec/capabilities.ts';
import type { Machine } from '../../runtime/spec/input.ts';
import type { Engine } from '../engine.ts';

/** What the OCI spec has to know of this machine, read from /proc and /sys. */
export function machineFacts(engine: Engine): Machine {
  const status = readFileSync('/proc/self/status', 'utf8');
  const { rootless } = engine;
  return {
    cgroupVersion: cgroupVersion(),
    cgroupManager: engine.settings.cgroupManager,
    ...(!rootless && appArmorEnabled() ? { apparmor: {} } : {}),
    seccompEnabled: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    capabilities: capabilitiesOfMask(/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? 'ffffffffffffffff'),
    arch: process.arch,
    ...(rootless && rootlessMachine(engine, rootless)),
  };
}

/** What a user's engine may not do, and the slice that systemd has delegated to the user. */
function rootlessMachine(engine: Engine, { childPid }: Rootless): Partial<Machine> {
  return {
    rootless: true,
    minOomScoreAdj: Number(readFileSync(`/proc/${childPid}/oom_score_adj`, 'utf8')),
    ...(engine.settings.cgroupManager === 'systemd' && { cgroupParent: 'user.slice' }),
  };
}

function appArmorEnabled(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y');
  } catch {
    return false;
  }
}
