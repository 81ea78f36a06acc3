import { findBuildxes, findDockers } from './docker.ts';
import type { LanePlan } from './lane.ts';
import { findPodman } from './podman.ts';
import { findRegistry } from './registry.ts';
import { findRootless } from './rootless.ts';

/**
 * Programs that tests and benchmarks may start beside the engine and the docker of their lane.
 * @param mayBeOwn whether they are for this machine itself, and may be its own
 */
export async function findBesides(
  cache: string,
  systemPath: string,
  mayBeOwn = true,
): Promise<Pick<LanePlan, 'registry' | 'dockers' | 'buildx' | 'podman' | 'rootless'>> {
  const [dockers, buildx, podman, rootless, registry] = await Promise.all([
    findDockers(cache, systemPath, mayBeOwn),
    findBuildxes(cache),
    findPodman(cache),
    findRootless(cache),
    findRegistry(cache, mayBeOwn),
  ]);
  return { dockers, buildx, podman, rootless, ...('path' in registry && { registry: registry.path }) };
}
