import { existsSync, readFileSync } from 'node:fs';
import { cgroupVersion } from '../../host/cgroups.ts';
import { capabilitiesOfMask } from '../../runtime/spec/capabilities.ts';
import type { Machine } from '../../runtime/spec/input.ts';
import type { Engine } from '../engine.ts';

/** What the OCI spec has to know of this machine, read from /proc and /sys. */
export function machineFacts(engine: Engine): Machine {
  const status = readFileSync('/proc/self/status', 'utf8');
  return {
    cgroupVersion: cgroupVersion(),
    cgroupManager: engine.settings.cgroupManager,
    ...(appArmorEnabled() ? { apparmor: {} } : {}),
    seccompEnabled: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    capabilities: capabilitiesOfMask(/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? 'ffffffffffffffff'),
    arch: process.arch,
  };
}

function appArmorEnabled(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y');
  } catch {
    return false;
  }
}
