import { DockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';

/** False for a user without root to whom no cgroups are delegated. */
export function hasCgroups({ settings }: Pick<Engine, 'settings'>): boolean {
  return settings.cgroupManager !== 'none';
}

/** @param what of the container needs one, as the subject of the sentence */
export function requireCgroup(engine: Engine, what: string): void {
  if (hasCgroups(engine)) return;
  throw new DockerError(
    'not-implemented',
    `${what} needs a cgroup: run as root, or with cgroup v2 and a systemd that delegates controllers to the user`,
  );
}
