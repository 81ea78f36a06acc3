/** Runs the tests, tier by tier, and ends with one line: `N passed, N failed, N skipped`. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBesides } from './harness/besides.ts';
import { findDebianBases } from './harness/debian-bases.ts';
import { type DockerName, dockerNamed, findDocker, findDockers } from './harness/docker.ts';
import { type EngineName, type EngineSource, engineNames, findEngine } from './harness/engines.ts';
import { testImages } from './harness/images.ts';
import type { LanePlan } from './harness/lane.ts';
import { runInMachine } from './harness/machine-lane.ts';
import { lacksMachine, machineEngine } from './harness/nspawn.ts';
import { findRootless } from './harness/rootless.ts';
import { runInSandbox, sandboxMissing } from './harness/sandbox.ts';
import type { Row } from './harness/tally-row.ts';
import { engineNamed, orUsage } from './harness/usage.ts';

const top = fileURLToPath(new URL('..', import.meta.url));
process.chdir(top);
const cache = join(top, '.cache/engines');
const lane = fileURLToPath(new URL('harness/lane.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'nerdctl-tests-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const plainTiers = ['unit', 'golden', 'contract', 'arch'];
const allTiers = [...plainTiers, 'machine', 'e2e', 'compat'];

const usage = `usage: run.ts [OPTIONS] [TIER | FILE]...      (without arguments: everything)
  --engine 1.6|1.7|2.1|system|all|docker   the containerd of e2e tests, or docker in its place
  --docker 20.10|26.1|28.5                 the docker that compat compares with
  --program PATH                           another build, as "make dist" makes
  --user                                   e2e files as a user without root
  --systemd                                e2e files in a machine with systemd, or, with --user, as its user
  --shell                                  a shell in a sandbox with a containerd, in place of tests
  --buildkit 20.10|26.1|28.5               … and with the BuildKit of that docker`;

interface Outcome {
  label: string;
  rows: Row[];
  code: number;
}

/** One lane alone shows its tests as they end; several would talk at once. */
let live = false;

function filesOf(tier: string): string[] {
  const found = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return found(path);
      return entry.name.endsWith('.test.ts') ? [path] : [];
    });
  try {
    return found(join('test', tier)).sort();
  } catch {
    return [];
  }
}

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

function readTally(file: string): Row[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Row);
  } catch {
    return [];
  }
}

async function runPlain(label: string, files: string[], atOnce = 2): Promise<Outcome> {
  const tally = join(scratch, `${label.replaceAll(/\W/g, '')}.jsonl`);
  // A whole file counts as a test: one that boots machines takes its time.
  const timeout = atOnce === 1 ? 600_000 : 120_000;
  const args = ['--import=tsx', '--test', `--test-concurrency=${atOnce}`, `--test-timeout=${timeout}`];
  args.push('--test-reporter=spec', '--test-reporter-destination=stdout');
  args.push('--test-reporter=./test/harness/tally.mjs', `--test-reporter-destination=${tally}`);
  const child = spawn(process.execPath, [...args, ...files], { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return { label, rows: readTally(tally), code: code ?? 1 };
}

function missing(label: string, files: string[], capability: string): Outcome {
  const reason = `this machine lacks ${capability}`;
  console.log(`\n== ${label}: skipped, ${reason}`);
  return { label, code: 0, rows: files.map((file) => ({ file, name: file, outcome: 'skipped', reason, ms: 0 })) };
}

const inSandbox = (argv: string[], prefix: string) =>
  runInSandbox(argv, { env: {}, prefix, stdio: live ? 'inherit' : 'pipe' });

async function runLane(
  label: string,
  files: string[],
  source: EngineSource,
  extra: Pick<LanePlan, 'docker' | 'target' | 'bases' | 'asUser'> = {},
  runInside: typeof inSandbox = inSandbox,
): Promise<Outcome> {
  const images = await testImages(cache);
  const tag = `t${process.pid}x${label.replaceAll(/\W/g, '')}`;
  const tally = join(scratch, `${tag}.jsonl`);
  writeFileSync(tally, '');
  // A user without root writes it too.
  chmodSync(scratch, 0o711);
  chmodSync(tally, 0o666);
  const besides = await findBesides(cache, source.path, runInside === inSandbox);
  const plan: LanePlan = { source, tag, tally, files, ...images, ...extra, ...besides };
  const began = Date.now();
  if (live) console.log(`== ${label}: containerd ${source.version}`);
  const run = await runInside([process.execPath, '--import=tsx', lane, '{dir}', JSON.stringify(plan)], tag);
  const versions = `containerd ${source.version}${extra.docker ? `, docker ${extra.docker.version}` : ''}`;
  if (!live) console.log(`\n== ${label}: ${versions}, ${seconds(began)}\n${run.output}`);
  return { label, rows: readTally(tally), code: run.code };
}

async function engineLane(name: EngineName | 'docker', files: string[]): Promise<Outcome> {
  // The e2e files against docker itself: whether they demand what docker does.
  if (name === 'docker') return dockerLane('docker', files, 'docker');
  const engine = await findEngine(name, cache);
  const label = `containerd-${name}`;
  return 'missing' in engine ? missing(label, files, engine.missing) : runLane(label, files, engine);
}

/** What all tests together run as a user, too: each by another part of what is different then. */
const userFiles = ['exec', 'networks', 'ports', 'run-basic', 'run-limits', 'volumes'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Files that start containerd themselves, or work with plugins and users as root alone may. */
const ofRoot = /\/(network-(?:plugins|rules)|sandbox|system-start|rootless-\w+)\.test\.ts$/;
const withoutSystemd = /\/(sandbox|system-start|rootless-\w+)\.test\.ts$/;

/** The same without root. */
async function userLane(name: EngineName, files: string[]): Promise<Outcome> {
  const label = `user-${name}`;
  const [engine, rootless] = [await findEngine(name, cache), await findRootless(cache)];
  for (const found of [engine, rootless]) if ('missing' in found) return missing(label, files, found.missing);
  return runBut(ofRoot, files, 'the file is about an engine of root, or brings a user of its own', (theirs) =>
    runLane(label, theirs, engine as EngineSource, { asUser: true }),
  );
}

/** The same in a machine with systemd. */
function machineLane(asUser: boolean, files: string[]): Promise<Outcome> {
  const reason = 'the file is about an engine that systemd has not started, or has users who did not log in';
  return runBut(asUser ? ofRoot : withoutSystemd, files, reason, (theirs) =>
    runLane(asUser ? 'systemd-user' : 'systemd', theirs, machineEngine, { asUser }, (argv) =>
      runInMachine(argv, scratch),
    ),
  );
}

/** @param reason why those files do not run */
async function runBut(
  these: RegExp,
  files: string[],
  reason: string,
  run: (others: string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await run(files.filter((file) => !these.test(file)));
  const skipped = files.filter((file) => these.test(file));
  outcome.rows.push(...skipped.map((file): Row => ({ file, name: file, outcome: 'skipped', reason, ms: 0 })));
  return outcome;
}

/** The docker that is compared with, where it is not to be the distribution's. */
let wantedDocker: DockerName | undefined;

async function dockerLane(label: string, files: string[], target: LanePlan['target']): Promise<Outcome> {
  const engine = await findEngine('system', cache);
  if ('missing' in engine) return missing(label, files, engine.missing);
  const docker = wantedDocker
    ? (await findDockers(cache, engine.path))[wantedDocker]
    : await findDocker(cache, engine.path);
  return 'missing' in docker
    ? missing(label, files, docker.missing)
    : runLane(label, files, engine, { docker, target, bases: await findDebianBases(cache) });
}

/** As many at a time as there are processors: tests of signals and kills want theirs in time. */
async function runLanes(lanes: (() => Promise<Outcome>)[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = [...lanes];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) outcomes.push(await next());
  };
  await Promise.all(Array.from({ length: Math.min(lanes.length, availableParallelism()) }, work));
  return outcomes;
}

function report(outcomes: Outcome[], began: number): void {
  const all = outcomes.flatMap(({ label, rows }) => rows.map((row) => ({ ...row, label })));
  const with_ = (outcome: Row['outcome']) => all.filter((row) => row.outcome === outcome);
  const reasons = new Map<string, number>();
  for (const { reason } of with_('skipped')) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (reasons.size > 0) console.log('\nSkipped:');
  for (const [reason, count] of reasons) console.log(`  ${count} × ${reason}`);
  const failed = with_('failed');
  if (failed.length > 0) console.log('\nFailed:');
  for (const { label, file, name, reason } of failed) console.log(`  [${label}] ${file}: ${name}: ${reason}`);
  // A file that ends without a row for its failure (a syntax error, a crash of the runner) must not pass in silence.
  const silent = outcomes.filter(({ code, rows }) => code !== 0 && !rows.some((row) => row.outcome === 'failed'));
  for (const { label, code } of silent) console.log(`  [${label}] the test runner ended with code ${code}`);
  const failures = failed.length + silent.length;
  console.log(`\n${seconds(began)}`);
  console.log(`${with_('passed').length} passed, ${failures} failed, ${with_('skipped').length} skipped`);
  process.exitCode = failures === 0 ? 0 : 1;
}

async function shell(name: EngineName, buildkit: DockerName | undefined, asUser: boolean): Promise<void> {
  const engine = await findEngine(name, cache);
  if ('missing' in engine) throw new Error(`this machine lacks ${engine.missing}`);
  const docker = await findDocker(cache, engine.path);
  const tag = `t${process.pid}xshell`;
  const images = await testImages(cache);
  const program = process.env.NERDCTL_TEST_PROGRAM ?? join(top, 'bin/nerdctl');
  const hello = `PATH=${dirname(program)}:$PATH; nerdctl load -i ${images.archive}; exec bash -i`;
  const command = ['bash', '-c', hello];
  const plan: LanePlan = { source: engine, tag, tally: '/dev/null', files: [], ...images, command };
  if (!('missing' in docker)) plan.docker = docker;
  if (asUser) {
    delete plan.docker;
    Object.assign(plan, { asUser, rootless: await findRootless(cache) });
  }
  if (buildkit !== undefined) Object.assign(plan, await findBesides(cache, engine.path), { buildkit });
  const run = await runInSandbox([process.execPath, '--import=tsx', lane, '{dir}', JSON.stringify(plan)], {
    env: { TERM: process.env.TERM ?? 'xterm' },
    prefix: tag,
    stdio: 'inherit',
  });
  process.exitCode = run.code;
}

/** @throws Error of something typed that means nothing here */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string' },
      shell: { type: 'boolean' },
      user: { type: 'boolean' },
      systemd: { type: 'boolean' },
      buildkit: { type: 'string' },
      docker: { type: 'string' },
      program: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.engine !== undefined) engineNamed(values.engine, 'all', 'docker');
  if (values.systemd && (values.engine ?? values.shell) !== undefined)
    throw new Error('a machine with systemd has the containerd of Debian 13, and no shell');
  const wanted = positionals.length > 0 ? positionals : values.systemd ? ['e2e'] : allTiers;
  const files = wanted.flatMap((word) => (allTiers.includes(word) ? filesOf(word) : [relative(top, join(top, word))]));
  for (const file of files) if (!existsSync(file)) throw new Error(`no tier and no file ${file}`);
  return { values, positionals, files, docker: dockerNamed(values.docker), buildkit: dockerNamed(values.buildkit) };
}

async function main({ values, positionals, files, docker, buildkit }: ReturnType<typeof readArguments>): Promise<void> {
  if (values.help) return console.log(usage);
  if (values.program !== undefined) process.env.NERDCTL_TEST_PROGRAM = resolve(values.program);
  if (values.shell) return shell((values.engine ?? 'system') as EngineName, buildkit, values.user ?? false);
  wantedDocker = docker;
  const inTier = (tiers: string[]) => files.filter((file) => tiers.some((tier) => file.startsWith(`test/${tier}/`)));
  // Named files are somebody at work on them: one engine, the one that is installed, is what they want.
  const someFiles = values.systemd || positionals.some((word) => !allTiers.includes(word));
  const engine = values.engine ?? (someFiles ? 'system' : 'all');
  const engines = engine === 'all' ? engineNames : [engine as EngineName | 'docker'];

  const began = Date.now();
  const outcomes: Outcome[] = [];
  const plain = inTier(plainTiers);
  if (plain.length > 0) outcomes.push(await runPlain('no engine', plain));
  const machine = inTier(['machine']);
  if (machine.length > 0) outcomes.push(await runPlain('systemd', machine, 1));
  const [e2e, compat] = [inTier(['e2e']), inTier(['compat'])];
  if (e2e.length + compat.length > 0) {
    const lack = values.systemd ? lacksMachine() : sandboxMissing();
    if (lack !== undefined) outcomes.push(missing('e2e and compat', [...e2e, ...compat], lack));
    else {
      // Downloads and images first, one after the other: the lanes then start from the same cache.
      for (const name of engines) if (name !== 'docker') await findEngine(name, cache);
      await testImages(cache);
      await findBesides(cache, '');
      live = (e2e.length > 0 ? engines.length : 0) + (compat.length > 0 ? 1 : 0) === 1;
      const { user = false, systemd } = values;
      const laneOf = (name: EngineName | 'docker') => () => {
        if (systemd) return machineLane(user, e2e);
        return user ? userLane(name as EngineName, e2e) : engineLane(name, e2e);
      };
      const lanes = e2e.length > 0 ? engines.map(laneOf) : [];
      if (positionals.length === 0 && values.engine === undefined && !user && !systemd) {
        lanes.push(() => userLane('2.1', userFiles));
      }
      if (compat.length > 0) lanes.push(() => dockerLane('compat', compat, 'nerdctl'));
      outcomes.push(...(await runLanes(lanes)));
    }
  }
  report(outcomes, began);
}

const wanted = orUsage('tests', usage, readArguments);
if (wanted !== undefined) await main(wanted);
