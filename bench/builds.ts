import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacksBuildKit, startBuildKit } from '../test/harness/buildkit.ts';
import { findProgram } from '../test/harness/engines.ts';
import type { Bench } from './program.ts';
import type { Command } from './timing.ts';

/** One build, in the words of all clients. */
interface Build {
  /** Has the Dockerfile. */
  dir: string;
  /** Named contexts. */
  contexts?: Record<string, string>;
  /** As in -o; without it, an image of the name `built` in the image store. */
  output?: string;
}

interface Client {
  program: string;
  env: Record<string, string>;
  argv(build: Build): string[];
}

const size = 500_000_000;
const rounds = 3;

/** In directories of a hundred each. */
function writeFiles(dir: string, files: number): void {
  const each = size / files;
  for (let i = 0; i < files; i++) {
    const parent = join(dir, `d${Math.trunc(i / 100)}`);
    if (i % 100 === 0) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `f${i}`), randomBytes(each));
  }
}

function buildxArgs({ dir, contexts = {}, output }: Build, image: string[]): string[] {
  const named = Object.entries(contexts).flatMap(([name, path]) => ['--build-context', `${name}=${path}`]);
  return ['build', '--progress=plain', ...named, ...(output === undefined ? image : ['-o', output]), dir];
}

function buildctlArgs({ dir, contexts = {}, output }: Build): string[] {
  const named = Object.entries(contexts).flatMap(([name, path]) => [
    `--local=${name}=${path}`,
    `--opt=context:${name}=local:${name}`,
  ]);
  const locals = [`--local=context=${dir}`, `--local=dockerfile=${dir}`];
  const outputs = output === 'type=cacheonly' ? [] : [`--output=${output ?? image}`];
  return ['build', '--progress=plain', '--frontend=dockerfile.v0', ...locals, ...named, ...outputs];
}

const image = 'type=image,name=docker.io/library/built:latest,unpack=true';

/** Contexts, a cached build and results of 500 MB: clients of the same BuildKit. */
export async function compareBuilds(bench: Bench): Promise<void> {
  const { lane, programs, call, compare } = bench;
  const lack = lacksBuildKit('26.1', lane);
  const [own] = programs as [Bench['programs'][0]];
  if (lack !== undefined) return console.log(`builds: ${lack}`);
  const buildkit = await startBuildKit(own.env.CONTAINERD_NAMESPACE!, {}, lane);
  await buildkit.buildx(['version']).catch(() => {});
  const env = { ...own.env, BUILDKIT_HOST: buildkit.address };
  const { buildxPath } = buildkit;
  const buildctl = findProgram('buildctl', process.env.PATH);
  const clients: Client[] = [
    { program: own.name, env, argv: (build) => [...own.argv, ...buildxArgs(build, ['-t', 'built'])] },
  ];
  if (buildxPath !== undefined) {
    const argv = (build: Build) => [buildxPath, ...buildxArgs(build, ['-o', image])];
    clients.push({ program: 'docker-buildx', env: buildkit.env, argv });
  }
  if (buildctl !== undefined)
    clients.push({ program: 'buildctl', env, argv: (build) => [buildctl, ...buildctlArgs(build)] });
  const all = (name: string, build: Build, after?: Command['after'], times = rounds) =>
    compare(
      `build: ${name}`,
      clients.map(({ program, env, argv }) => ({
        program,
        env,
        argv: argv(build),
        cpu: true,
        ...(after && { after }),
      })),
      times,
    );

  const dir = join(lane.dir, 'builds');
  const place = (name: string) => {
    mkdirSync(join(dir, name), { recursive: true });
    return join(dir, name);
  };
  const places = ['many', 'some', 'big', 'fetch', 'cached'].map(place);
  const [many, some, big, fetch, cached] = places as [string, string, string, string, string];
  writeFiles(many, 20_000);
  writeFileSync(join(big, 'file'), randomBytes(size));
  // Such a stage is the context: nothing but its transfer is timed.
  writeFileSync(join(fetch, 'Dockerfile'), 'FROM data\n');
  copyFileSync(lane.busybox, join(cached, 'busybox'));
  const run = 'RUN ["/bin/busybox", "true"]';
  const stages = ['base', 'one', 'two'].map((name, i) =>
    i === 0 ? `FROM scratch AS ${name}\nCOPY busybox /bin/` : `FROM base AS ${name}\n${run}`,
  );
  const last = 'FROM base\nCOPY --from=one /bin /one\nCOPY --from=two /bin /two\n';
  writeFileSync(join(cached, 'Dockerfile'), [...stages, last].join('\n'));

  const forget = () => call({ ...own, env }, ['builder', 'prune', '-af']);
  const transfer = (data: string): Build => ({ dir: fetch, contexts: { data }, output: 'type=cacheonly' });
  const changeOne = async () => writeFileSync(join(many, 'd7/f777'), randomBytes(size / 20_000));
  try {
    await all('all cached', { dir: cached }, undefined, 10);
    await all('context of 500 MB in 20,000 files', transfer(many), forget);
    await all('… nothing changed', transfer(many));
    await all('… one file changed', transfer(many), changeOne);
    await forget();
    await all('context of one file of 500 MB', transfer(big), forget);
    const result = join(dir, 'result');
    const clean = async () => rmSync(result, { recursive: true, force: true });
    const dest = `dest=${result}`;
    // Not in 20,000: that many stop BuildKit's own client half way, for good.
    writeFiles(some, 2000);
    await all('500 MB in 2,000 files to a directory', { ...transfer(some), output: `type=local,${dest}` }, clean);
    await all('one file of 500 MB to a directory', { ...transfer(big), output: `type=local,${dest}` }, clean);
    for (const type of ['oci', 'docker']) {
      const output = `type=${type},${dest},compression=uncompressed`;
      await all(`${type} archive of 500 MB`, { ...transfer(big), output }, clean);
    }
  } finally {
    await buildkit.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
