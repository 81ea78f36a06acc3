import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksBuildx } from '../harness/buildkit.ts';
import { makeCertificates } from '../harness/certificates.ts';
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
  test(`the BuildKit of docker ${docker}`, { skip: lacksBuildx({ docker }) }, async () => {
    const buildkit = await box.buildkit({ docker });
    assert.match(buildkit.docker.version, new RegExp(`^${docker.replace('.', '\\.')}\\.`));
    await buildkit.docker.run(['load', '-i', box.lane.archive]);
    const to = temporaryDir(box);
    const built = await buildkit.buildx(['build', '--progress=plain', '-o', to, context()]);
    assert.equal(built.code, 0, built.stderr);
    assert.match(built.stderr, /RUN echo built > \/made/);
    assert.equal(readFileSync(join(to, 'made'), 'utf8'), 'built\n');
  });
}

const dir = temporaryDir(box);
test('at a port, with certificates', { skip: lacksBuildx() ?? makeCertificates(dir, ['IP:127.0.0.1']) }, async () => {
  const buildkit = await box.buildkit();
  const [ca, cert, key] = ['ca.crt', 'server.crt', 'server.key'].map((name) => readFileSync(join(dir, name)));
  const { address } = await buildkit.serveTcp({ ca, cert, key, requestCert: true, rejectUnauthorized: true });
  const files = `cacert=${join(dir, 'ca.crt')},cert=${join(dir, 'client.crt')},key=${join(dir, 'client.key')}`;
  const create = (name: string, ...more: string[]) =>
    buildkit.buildx(['create', '--name', name, '--driver', 'remote', ...more, address]);
  await create('certified', '--driver-opt', files);
  await create('anyone', '--driver-opt', files.replace(/,cert=.*/, ''));
  const built = await buildkit.buildx(['--builder', 'certified', 'build', context()]);
  assert.equal(built.code, 0, built.stderr);
  const refused = await buildkit.buildx(['--builder', 'anyone', 'inspect']);
  assert.doesNotMatch(refused.stdout, /running/);
});
