/**
 * `make bench`: compares with docker, podman, ctr, docker-buildx and buildctl where they are there, in a sandbox with
 * private daemons.
 *   run.ts [--engine 1.6|1.7|2.1] [--docker 20.10|26.1|28.5] [--program PATH] [--rounds N] [--containers N] [--only WORD]
 * Without --engine and --docker: those that are installed.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBesides } from '../test/harness/besides.ts';
import { type DockerName, findDocker, findDockers } from '../test/harness/docker.ts';
import { type EngineName, findEngine } from '../test/harness/engines.ts';
import { testImages } from '../test/harness/images.ts';
import type { LanePlan } from '../test/harness/lane.ts';
import { runInSandbox, sandboxMissing } from '../test/harness/sandbox.ts';

const top = fileURLToPath(new URL('..', import.meta.url));
process.chdir(top);
const cache = join(top, '.cache/engines');
mkdirSync('bench/results', { recursive: true });

const { values, tokens } = parseArgs({
  options: {
    engine: { type: 'string', default: 'system' },
    docker: { type: 'string' },
    program: { type: 'string' },
    rounds: { type: 'string' },
    containers: { type: 'string' },
    only: { type: 'string' },
  },
  tokens: true,
});
if (values.program !== undefined) process.env.NERDCTL_TEST_PROGRAM = resolve(values.program);
const forComparing = tokens.flatMap((token) =>
  token.kind === 'option' && ['rounds', 'containers', 'only'].includes(token.name)
    ? [token.rawName, String(token.value)]
    : [],
);

const lack = sandboxMissing();
const engine = await findEngine(values.engine as EngineName, cache);
if (lack !== undefined || 'missing' in engine) {
  console.error(`bench: this machine lacks ${lack ?? ('missing' in engine ? engine.missing : '')}`);
  process.exitCode = 1;
} else {
  const docker =
    values.docker === undefined
      ? await findDocker(cache, engine.path)
      : (await findDockers(cache, engine.path))[values.docker as DockerName];
  const tag = `b${process.pid}`;
  const plan: LanePlan = {
    source: engine,
    tag,
    tally: '/dev/null',
    files: [],
    ...(await testImages(cache)),
    command: [process.execPath, '--import=tsx', join(top, 'bench/compare.ts'), ...forComparing],
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
