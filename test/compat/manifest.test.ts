import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { normalise, prepareBoth } from '../harness/compare.ts';
import { laneFromEnv } from '../harness/lane-env.ts';
import { lacksRegistry, type Registry, startRegistry } from '../harness/registry.ts';

const lane = laneFromEnv();
const skip = lacksRegistry(lane.registry);
const both = prepareBoth();
let registry: Registry;

before(async () => {
  if (lane.registry === undefined) return;
  registry = await startRegistry(lane.registry, join(lane.dir, 'registry'));
  const [docker] = both;
  // Node 20 begins this before the other `before` has ended.
  await docker!.run(['load', '-i', lane.archive]);
  for (const tag of ['bb', 'web']) {
    const name = `${registry.host}/t/app:${tag}`;
    await docker!.run(['tag', tag, name]);
    const { code, stderr } = await docker!.run(['push', name]);
    assert.equal(code, 0, stderr);
    await docker!.run(['rmi', name]);
  }
});
after(() => registry?.stop());

/** HOST is the registry; `@` before a line: what is on stderr is docker's too. */
const script = `
  manifest inspect --insecure HOST/t/app:bb
  manifest create --insecure HOST/t/list:1 HOST/t/app:bb HOST/t/app:web
  @manifest create --insecure HOST/t/list:1 HOST/t/app:bb
  manifest create --insecure --amend HOST/t/list:1 HOST/t/app:web
  manifest annotate HOST/t/list:1 HOST/t/app:web --arch arm64 --variant v8 --os-features a,b --os-version 1
  @manifest annotate HOST/t/list:1 HOST/t/app:web --arch bogus
  @manifest annotate HOST/t/list:1 HOST/t/app:nope --arch arm64
  manifest inspect HOST/t/list:1
  manifest inspect HOST/t/list:1 HOST/t/app:web
  @manifest inspect HOST/t/list:1 HOST/t/app:nope
  manifest push --insecure HOST/t/list:1
  manifest push --insecure -p HOST/t/list:1
  @manifest push --insecure HOST/t/list:1
  manifest inspect --insecure HOST/t/list:1
  @manifest inspect --insecure HOST/t/app:nope
  @manifest rm HOST/t/list:1 nosuch a/b
  manifest create --insecure x/y HOST/t/app:bb
  @manifest inspect x/y
  @manifest push x/y
  manifest rm x/y
`;

for (const line of script
  .split('\n')
  .map((text) => text.trim())
  .filter(Boolean)) {
  test(line, { skip }, async () => {
    const words = line.replace('@', '').replaceAll('HOST', registry.host).split(' ');
    const seen = both.map(async ({ run, program }) => {
      const { code, stdout, stderr } = await run(words, { env: { DOCKER_CONFIG: configs[program] } });
      return { code, stdout: normalise(stdout), ...(line.startsWith('@') && { stderr: normalise(stderr) }) };
    });
    const [docker, nerdctl] = await Promise.all(seen);
    assert.deepEqual(nerdctl, docker);
  });
}

const configs = {
  docker: mkdtempSync(join(lane.dir, 'docker-config-')),
  nerdctl: mkdtempSync(join(lane.dir, 'docker-config-')),
};
