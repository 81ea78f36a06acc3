/**
 * `make bench`: compares with docker, podman, ctr, docker-buildx and buildctl where they are there, in a sandbox with
 * private daemons.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBesides } from '../test/harness/besides.ts';
import { dockerNamed, findDocker, findDockers } from '../test/harness/docker.ts';
import { findEngine } from '../test/harness/engines.ts';
import { testImages } from '../test/harness/images.ts';
import type { LanePlan } from '../test/harness/lane.ts';
import { runInSandbox, sandboxMissing } from '../test/harness/sandbox.ts';
import { engineNamed, orUsage } from '../test/harness/usage.ts';

const top = fileURLToPath(new URL('..', import.meta.url));
process.chdir(top);
const cache = join(top, '.cache/engines');
const usage = `usage: run.ts [OPTIONS]
  --engine 1.6|1.7|2.1       another containerd than the one that is installed
  --docker 20.10|26.1|28.5   another docker
  --program PATH             another build, as "make dist" makes
  --only WORD                the cases with the word in their name, see compare.ts
  --rounds N                 of the short cases; 15
  --containers N             of the case ps; 1000`;

function readArguments() {
  const { values, tokens } = parseArgs({
    options: {
      engine: { type: 'string', default: 'system' },
      docker: { type: 'string' },
      program: { type: 'string' },
      rounds: { type: 'string' },
      containers: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    tokens: true,
  });
  const forComparing = tokens.flatMap((token) =>
    token.kind === 'option' && ['rounds', 'containers', 'only'].includes(token.name)
      ? [token.rawName, String(token.value)]
      : [],
  );
  return { ...values, engine: engineNamed(values.engine), docker: dockerNamed(values.docker), forComparing };
}

async function main(wanted: ReturnType<typeof readArguments>): Promise<void> {
  if (wanted.help) return console.log(usage);
  if (wanted.program !== undefined) process.env.NERDCTL_TEST_PROGRAM = resolve(wanted.program);
  mkdirSync('bench/results', { recursive: true });
  const engine = await findEngine(wanted.engine, cache);
  const lack = sandboxMissing() ?? ('missing' in engine ? engine.missing : undefined);
  if (lack !== undefined || 'missing' in engine) {
    console.error(`bench: this machine lacks ${lack}`);
    process.exitCode = 1;
    return;
  }
  const docker = wanted.docker
    ? (await findDockers(cache, engine.path))[wanted.docker]
    : await findDocker(cache, engine.path);
  const tag = `b${process.pid}`;
  const plan: LanePlan = {
    source: engine,
    tag,
    tally: '/dev/null',
    files: [],
    ...(await testImages(cache)),
    command: [process.execPath, '--import=tsx', join(top, 'bench/compare.ts'), ...wanted.forComparing],
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

const wanted = orUsage('bench', usage, readArguments);
if (wanted !== undefined) await main(wanted);
