import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fetchPage, openBox, temporaryDir } from '../../../harness/box.ts';
import { type BuildKit, lacksBuildKit } from '../../../harness/buildkit.ts';
import { laneFromEnv } from '../../../harness/lane-env.ts';
import { baseDockerfile, baseIgnore, projects } from './projects.ts';

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

let port = 8460;
for (const [name, project] of Object.entries(projects)) {
  test(`${name}, from the packages of its base to a container that answers`, { skip }, async () => {
    if (bases === undefined || 'missing' in bases) return;
    const env = { BUILDKIT_HOST: buildkit.address };
    const base = write({ Dockerfile: baseDockerfile, 'Dockerfile.dockerignore': baseIgnore });
    const image = `type=image,name=docker.io/library/base-${project.base},compression=uncompressed`;
    await box.ok(['build', '-o', image, '-f', join(base, 'Dockerfile'), bases[project.base]], { env });

    const dir = write(project.files);
    const tag = `app-${project.base}`;
    const said = await box.nerdctl(['build', '-t', tag, ...project.build, '.'], { env, cwd: dir });
    assert.equal(said.code, 0, said.stderr);
    const host = port++;
    await box.ok(['run', '-d', '--name', tag, '-p', `127.0.0.1:${host}:${project.port}`, tag]);
    assert.match(await fetchPage(host, project.path), project.answer);
    await box.ok(['stop', '-t', '5', tag]);
    await box.ok(['rm', tag]);
  });
}
