/**
 * `make bench`: compares with docker, podman, ctr, docker-buildx and buildctl where they are there, in a sandbox with
 * private daemons.
 *   run.ts [--rounds N] [--containers N] [--only WORD]
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBesides } from '../test/harness/besides.ts';
import { findDocker } from '../test/harness/docker.ts';
import { findEngine } from '../test/harness/engines.ts';
import { testImages } from '../test/harness/images.ts';
import type { LanePlan } from '../test/harness/lane.ts';
import { runInSandbox, sandboxMissing } from '../test/harness/sandbox.ts';

const top = fileURLToPath(new URL('..', import.meta.url));
process.chdir(top);
const cache = join(top, '.cache/engines');
mkdirSync('bench/results', { recursive: true });

const lack = sandboxMissing();
const engine = await findEngine('system', cache);
if (lack !== undefined || 'missing' in engine) {
  console.error(`bench: this machine lacks ${lack ?? ('missing' in engine ? engine.missing : '')}`);
  process.exitCode = 1;
} else {
  const docker = await findDocker(cache, engine.path);
  const tag = `b${process.pid}`;
  const plan: LanePlan = {
    source: engine,
    tag,
    tally: '/dev/null',
    files: [],
    ...(await testImages(cache)),
    command: [process.execPath, '--import=tsx', join(top, 'bench/compare.ts'), ...process.argv.slice(2)],
    ...(!('missing' in docker) && { docker }),
    ...(await findBesides(cache, engine.path)),
  };
  const lane = join(top, 'test/harness/lane.ts');
  const { code } = await runInSandbox([process.execPath, '--import=tsx', lane, '{dir}', JSON.stringify(plan)], {
    env: {},
    prefix: tag,
    stdio: 'inherit',
  });
  process.exitCode = code;
}
