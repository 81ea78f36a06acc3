import { readFileSync } from 'node:fs';
import type { Limits } from '../../runtime/spec/validate.ts';
import type { Engine } from '../engine.ts';
import { cgroupSupport } from './cgroup-support.ts';
import { machineFacts } from './machine.ts';

/** What `checkHostConfig` has to know of this machine. */
export function machineLimits(engine: Engine): Limits {
  return {
    availableCpus: read('/sys/devices/system/cpu/online') ?? '0',
    availableMems: read('/sys/devices/system/node/online') ?? '0',
    support: cgroupSupport(engine),
    cgroupManager: engine.settings.cgroupManager,
    capabilities: machineFacts(engine).capabilities,
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
