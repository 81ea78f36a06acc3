import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksBuildKit, lacksBuildx } from '../harness/buildkit.ts';
import type { DockerName } from '../harness/docker.ts';

const box = openBox(import.meta.url);

function context(): string {
  const dir = temporaryDir(box);
  writeFileSync(join(dir, 'Dockerfile'), 'FROM bb\nRUN echo built > /made\nCMD ["cat", "/made"]\n');
  return dir;
}

test("docker-buildx builds into the box's namespace, and takes the cache along", { skip: lacksBuildx() }, async () => {
  const buildkit = await box.buildkit();
  const name = 'docker.io/library/built:1';
  await box.leavesNothing(async () => {
    const built = await buildkit.buildx(['build', '--progress=plain', '-o', `type=image,name=${name}`, context()]);
    assert.equal(built.code, 0, built.stderr);
    assert.equal(await box.ok(['run', '--rm', '--network=none', 'built:1']), 'built');
    await box.ok(['rmi', 'built:1']);
  });
  assert.equal(await box.buildkit(), buildkit);
});

for (const docker of ['20.10', '28.5'] satisfies DockerName[]) {
  test(`the BuildKit of docker ${docker}`, { skip: lacksBuildKit(docker) ?? lacksBuildx() }, async () => {
    const buildkit = await box.buildkit({ docker });
    assert.match(buildkit.docker.version, new RegExp(`^${docker.replace('.', '\\.')}\\.`));
    await buildkit.docker.run(['load', '-i', box.lane.archive]);
    const to = temporaryDir(box);
    const built = await buildkit.buildx(['build', '--progress=plain', '-o', to, context()]);
    assert.equal(built.code, 0, built.stderr);
    assert.match(built.stderr, /RUN echo built > \/made/);
  });
}
