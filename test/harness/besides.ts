import { findBuildxes, findDockers } from './docker.ts';
import type { LanePlan } from './lane.ts';
import { findPodman } from './podman.ts';

/** Programs that tests and benchmarks may start beside the engine and the docker of their lane. */
export async function findBesides(
  cache: string,
  systemPath: string,
): Promise<Pick<LanePlan, 'dockers' | 'buildx' | 'podman'>> {
  const found = [findDockers(cache, systemPath), findBuildxes(cache), findPodman(cache)] as const;
  const [dockers, buildx, podman] = await Promise.all(found);
  return { dockers, buildx, podman };
}
