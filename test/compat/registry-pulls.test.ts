import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sha256 } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';
import type { DockerName } from '../harness/docker.ts';
import { ok, type Who } from '../harness/made-images.ts';
import { lacksPodman, openPodman } from '../harness/podman.ts';
import { lacksRegistry, type Registry, startRegistry } from '../harness/registry.ts';
import { lacksDocker, startDocker } from '../harness/side-docker.ts';

const box = openBox(import.meta.url);
const us: Who = { name: 'nerdctl', run: box.nerdctl };
const program = box.lane.registry;
const skip = lacksRegistry(program);

const dockers: { docker: DockerName; containerdStore?: boolean }[] = [
  { docker: '20.10' },
  { docker: '26.1' },
  { docker: '28.5', containerdStore: true },
];

describe('each pulls what the other has pushed: the same image', { skip }, () => {
  let registry: Registry;
  before(async () => {
    registry = await startRegistry(program!, join(box.dir, 'registry'));
  });
  after(() => registry?.stop());
  const idOf = (who: Who, name: string) => ok(who, ['images', '-q', '--no-trunc', name]);
  const push = async (who: Who, name: string) =>
    /digest: (sha256:[0-9a-f]{64})/.exec(await ok(who, ['push', name]))?.[1] ?? 'none';

  for (const { docker: version, containerdStore } of dockers) {
    const title = `docker ${version}${containerdStore ? " with containerd's images" : ''}`;
    test(title, { skip: lacksDocker(version) }, async (t) => {
      const side = await startDocker(version, { containerdStore });
      t.after(side.stop);
      const docker: Who = { name: title, run: side.run };
      await ok(docker, ['load', '-i', box.lane.archive]);
      for (const [from, to] of [
        [docker, us],
        [us, docker],
      ] as const) {
        const name = `${registry.host}/${from.name.replaceAll(/\W/g, '')}/${version}/full`;
        await ok(from, ['tag', 'full', name]);
        const digest = await push(from, name);
        assert.match(await ok(to, ['pull', name]), new RegExp(`^Digest: ${digest}$`, 'm'));
        // With containerd's images, docker's ID is the digest.
        assert.equal(await idOf(to, name), to === docker && containerdStore ? digest : await idOf(us, 'full'));
        if (to === us) assert.equal(await ok(us, ['run', '--rm', '--network=none', name, 'x']), 'entry x');
        for (const who of [from, to]) await ok(who, ['rmi', name]);
      }
    });
  }

  test('skopeo', { skip: lacksPodman() }, async (t) => {
    const { skopeo, remove } = openPodman();
    t.after(remove);
    const tools: Who = { name: 'skopeo', run: skopeo };
    const [ours, theirs] = [`${registry.host}/ours/full:1`, `${registry.host}/theirs/full:1`];
    await ok(us, ['tag', 'full', ours]);
    const digest = await push(us, ours);
    const { stdout } = await skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${ours}`]);
    assert.equal(`sha256:${sha256(stdout)}`, digest);
    const there = ['--src-tls-verify=false', '--dest-tls-verify=false', `docker://${ours}`, `docker://${theirs}`];
    await ok(tools, ['copy', '-q', ...there]);
    assert.match(await ok(us, ['pull', theirs]), new RegExp(`^Digest: ${digest}$`, 'm'));
    const given = `docker-archive:${box.lane.archive}:full:latest`;
    await ok(tools, ['copy', '-q', '--dest-tls-verify=false', given, `docker://${theirs}`]);
    await ok(us, ['pull', theirs]);
    assert.equal(await idOf(us, theirs), await idOf(us, 'full'));
    await ok(us, ['rmi', ours, theirs]);
  });
});
