import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fetchPage, openBox, temporaryDir } from '../../../harness/box.ts';
import { type BuildKit, lacksBuildKit } from '../../../harness/buildkit.ts';
import type { BaseName } from '../../../harness/debian-bases.ts';
import { laneFromEnv } from '../../../harness/lane-env.ts';
import { builtProgram, run } from '../../../harness/program.ts';
import { baseDockerfile, baseIgnore, nginxDockerfile, projects } from './projects.ts';

const { bases } = laneFromEnv();
const skip =
  lacksBuildKit() ?? (bases === undefined || 'missing' in bases ? `this machine lacks ${bases?.missing}` : undefined);
const box = openBox(import.meta.url);
let buildkit: BuildKit;
before(async () => {
  if (skip === undefined) buildkit = await box.buildkit();
});

function write(files: Record<string, string>): string {
  const dir = temporaryDir(box);
  for (const [path, body] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), body);
  }
  return dir;
}

async function buildBase(name: BaseName): Promise<void> {
  assert.ok(bases !== undefined && !('missing' in bases));
  const base = write({ Dockerfile: baseDockerfile, 'Dockerfile.dockerignore': baseIgnore });
  const image = `type=image,name=docker.io/library/base-${name},compression=uncompressed`;
  await box.ok(['build', '-o', image, '-f', join(base, 'Dockerfile'), bases[name]], { env: env() });
}

const env = () => ({ BUILDKIT_HOST: buildkit.address });

let port = 8460;
for (const [name, project] of Object.entries(projects)) {
  test(`${name}, from the packages of its base to a container that answers`, { skip }, async () => {
    await buildBase(project.base);
    const dir = write(project.files);
    const tag = `app-${project.base}`;
    const said = await box.nerdctl(['build', '-t', tag, ...project.build, '.'], { env: env(), cwd: dir });
    assert.equal(said.code, 0, said.stderr);
    const host = port++;
    await box.ok(['run', '-d', '--name', tag, '-p', `127.0.0.1:${host}:${project.port}`, tag]);
    assert.match(await fetchPage(host, project.path), project.answer);
    await box.ok(['stop', '-t', '5', tag]);
    await box.ok(['rm', tag]);
  });
}

test("the README's example", { skip }, async () => {
  await buildBase('nginx');
  const nginx = write({ Dockerfile: nginxDockerfile });
  await box.ok(['build', '-t', 'docker.io/library/nginx', nginx], { env: env() });

  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const [example] = [...readme.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, lines = '']) =>
    lines.includes('nerdctl build') ? [lines.replaceAll('sudo ', '')] : [],
  );
  assert.ok(example);
  const PATH = `${dirname(builtProgram)}:${process.env.PATH}`;
  const own = { ...env(), PATH, CONTAINERD_NAMESPACE: box.namespace };
  const { code, stderr } = await run('sh', ['-ec', example], { cwd: temporaryDir(box), env: own });
  assert.equal(code, 0, stderr);
  assert.match(await fetchPage(8081), /^Hello from an image of my own\.$/m);
  await box.ok(['rm', '-f', 'site']);
});
