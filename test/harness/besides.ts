import { findBuildxes, findDockers } from './docker.ts';
import type { LanePlan } from './lane.ts';
import { findPodman } from './podman.ts';
import { findRootless } from './rootless.ts';

/** Programs that tests and benchmarks may start beside the engine and the docker of their lane. */
export async function findBesides(
  cache: string,
  systemPath: string,
): Promise<Pick<LanePlan, 'dockers' | 'buildx' | 'podman' | 'rootless'>> {
  const found = [findDockers(cache, systemPath), findBuildxes(cache), findPodman(cache), findRootless(cache)] as const;
  const [dockers, buildx, podman, rootless] = await Promise.all(found);
  return { dockers, buildx, podman, rootless };
}
