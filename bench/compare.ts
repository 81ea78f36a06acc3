/** Inside the sandbox: prepares the programs, times the cases, writes bench/results/DATE.md. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findProgram } from '../test/harness/engines.ts';
import { laneFromEnv } from '../test/harness/lane-env.ts';
import { builtProgram } from '../test/harness/program.ts';
import { compareBigImages } from './big.ts';
import { writeManyImages } from './big-images.ts';
import { compareBuilds } from './builds.ts';
import type { Bench, Program } from './program.ts';
import { type Command, interleaved, type Timed, table } from './timing.ts';

const exec = promisify(execFile);
const lane = laneFromEnv();
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    containers: { type: 'string', default: '1000' },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(values.rounds);

const path = process.env.PATH ?? '';
// Node 20 reads this file at every start, which would be measured in place of the program.
delete process.env.NODE_EXTRA_CA_CERTS;
const programs: Program[] = [
  { name: 'nerdctl', argv: [builtProgram], env: { CONTAINERD_NAMESPACE: `${lane.tag}-bench` } },
];
if (lane.dockerHost !== undefined)
  programs.push({ name: 'docker', argv: ['docker'], env: { DOCKER_HOST: lane.dockerHost } });
if (findProgram('podman', path) !== undefined) {
  const config = join(lane.dir, 'storage.conf');
  const [root, run] = ['root', 'run'].map((dir) => join(lane.dir, 'podman', dir));
  writeFileSync(config, `[storage]\ndriver = "overlay"\ngraphroot = "${root}"\nrunroot = "${run}"\n`);
  const argv = ['podman', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'];
  programs.push({ name: 'podman', argv, env: { CONTAINERS_STORAGE_CONF: config } });
}
const ctr = { name: 'ctr', argv: [lane.ctr, '-a', lane.address, '-n', `${lane.tag}-bench`], env: {} };

const call = async (program: Program, args: string[]) => {
  const [file, ...first] = [...program.argv, ...args] as [string, ...string[]];
  const { stdout } = await exec(file, first, { env: { ...process.env, ...program.env }, maxBuffer: 1 << 28 });
  return stdout.trim();
};
const quietly = (program: Program, args: string[]) => call(program, args).catch(() => '');
const command = (program: Program, args: string[], after?: Command['after']): Command => ({
  program: program.name,
  argv: [...program.argv, ...args],
  env: program.env,
  ...(after && { after }),
});

const results: { name: string; rows: Timed[] }[] = [];
async function compare(name: string, commands: Command[], times = rounds): Promise<void> {
  const rows = await interleaved(commands, times);
  results.push({ name, rows });
  const line = rows.map(
    (row) =>
      `${row.program} ${row.min.toFixed(1)}${row.cpu === undefined ? '' : ` CPU ${row.cpu}`}${row.failures > 0 ? ` (failed ${row.failures} ×)` : ''}`,
  );
  console.log(`${name}: ${line.join(', ')} ms`);
}
const each = (args: string[], after?: (program: Program) => Promise<unknown>) =>
  programs.map((program) => command(program, args, after && (() => after(program))));

const cgroupMount = ['--mount', 'type=cgroup,src=cgroup,dst=/sys/fs/cgroup,options=ro:nosuid:noexec:nodev'];
const bench: Bench = { lane, programs, ctr, call, quietly, command, compare };
const cases: Record<string, () => Promise<void>> = {
  version: () =>
    compare('version', [
      { program: 'empty node', argv: [process.execPath, '-e', '0'] },
      ...each(['version']),
      command(ctr, ['version']),
    ]),
  images: () => compare('images', [...each(['images']), command(ctr, ['images', 'ls', '-q'])]),
  run: () => compare('run --rm IMAGE true', each(['run', '--rm', 'bb', 'true'])),
  // As much of docker's profile as ctr has flags for.
  'run-none': () =>
    compare('run --rm --network none IMAGE true', [
      ...each(['run', '--rm', '--network', 'none', 'bb', 'true']),
      command(ctr, ['run', '--rm', '--seccomp', ...cgroupMount, 'docker.io/library/bb:latest', 'of-ctr', 'true']),
    ]),
  'run-d': () =>
    compare(
      'run -d -p',
      each(['run', '-d', '--name', 'bench', '-p', '80', 'web'], (p) => quietly(p, ['rm', '-f', 'bench'])),
    ),
  exec: async () => {
    for (const p of programs) await quietly(p, ['run', '-d', '--name', 'bench', 'bb', 'sleep', '1000']);
    await compare('exec true', each(['exec', 'bench', 'true']));
    for (const p of programs) await quietly(p, ['rm', '-f', 'bench']);
  },
  logs: async () => {
    const script = 'yes "a line of a log with sixty-three characters and no more in it" | head -c 100000000';
    for (const p of programs) await quietly(p, ['run', '--name', 'bench', 'bb', 'sh', '-c', script]);
    await compare('logs of 100 MB', each(['logs', 'bench']), 2);
    for (const p of programs) await quietly(p, ['rm', '-f', 'bench']);
  },
  output: () =>
    compare(
      '1 GB through a foreground run',
      each(['run', '--rm', 'bb', 'dd', 'if=/dev/zero', 'bs=1M', 'count=1024']),
      2,
    ),
  load: () => compare('load', each(['load', '-q', '-i', lane.archive])),
  save: () => compare('save', each(['save', '-o', join(lane.dir, 'saved.tar'), 'full'])),
  big: () => compareBigImages(bench),
  build: () => compareBuilds(bench),
  ps: async () => {
    const count = Number(values.containers);
    for (const p of programs) {
      const next = Array.from({ length: count }, (_, i) => i);
      const worker = async () => {
        for (let i = next.pop(); i !== undefined; i = next.pop())
          await quietly(p, ['create', '--network', 'none', '--name', `many-${i}`, 'bb', 'true']);
      };
      await Promise.all(Array.from({ length: 4 }, worker));
    }
    await compare(`ps -a with ${count} containers`, each(['ps', '-a']));
  },
  'images-300': async () => {
    const archive = join(lane.dir, 'many.tar');
    await writeManyImages(archive, 300);
    for (const p of programs) await call(p, ['load', '-q', '-i', archive]);
    await compare('images with 300', [...each(['images']), command(ctr, ['images', 'ls', '-q'])], 5);
  },
};

/** Proportional set size of all processes of a program, in kB. */
function pss(pattern: RegExp): { kb: number; count: number } {
  let [kb, count] = [0, 0];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) continue;
      kb += Number(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)?.[1] ?? 0);
      count += 1;
    } catch {
      // it ended
    }
  }
  return { kb, count };
}

async function memory(): Promise<string> {
  const [own] = programs as [Program];
  const count = 10;
  const ids = await Promise.all(
    Array.from({ length: count }, () => call(own, ['run', '-d', '--network', 'none', 'bb', 'sleep', '1000'])),
  );
  const { kb, count: found } = pss(/nerdctl-monitor/);
  await call(own, ['rm', '-f', ...ids]);
  return `Memory kept per detached container besides shim and payload: ${(kb / count).toFixed(0)} kB PSS (${found} processes for ${count} containers).`;
}

for (const p of programs)
  await call(p, ['load', '-i', lane.archive]).catch((error) => console.log(`${p.name} load: ${error}`));
for (const [name, play] of Object.entries(cases)) if (name.includes(values.only)) await play();
const kept = values.only === '' || values.only === 'memory' ? await memory() : '';

const names = ['nerdctl', 'docker', 'podman', 'ctr', 'skopeo', 'docker-buildx', 'buildctl', 'empty node'].filter(
  (name) => results.some(({ rows }) => rows.some((row) => row.program === name)),
);
const versions = [
  `containerd ${lane.source.version}`,
  `Node ${process.version}`,
  `${cpus().length} × ${cpus()[0]?.model}`,
].join(', ');
const text = `# Benchmark

${versions}. Milliseconds, minimum / median of interleaved runs; CPU is the program's own, user and system; in brackets our minimum as a share of theirs.

${table(results, names)}

${kept}
`;
const file = join('bench/results', `${new Date().toISOString().slice(0, 16).replaceAll(/[:T]/g, '-')}.md`);
writeFileSync(file, text);
console.log(`\n${text}\n${file}`);
