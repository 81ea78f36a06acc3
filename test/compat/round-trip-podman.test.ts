import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { ids, makeAll, ok, type Who } from '../harness/made-images.ts';
import { lacksPodman, openPodman, type Podman } from '../harness/podman.ts';

const box = openBox(import.meta.url);
const us: Who = { name: 'nerdctl', run: box.nerdctl };

describe('podman and skopeo', { skip: lacksPodman() }, () => {
  let tools: Podman;
  let podman: Who;
  let names: string[];
  let then: string[];
  const archive = join(box.dir, 'fromus.tar');
  before(async () => {
    tools = openPodman();
    podman = { name: 'podman', run: tools.podman };
    names = await makeAll(us, 'fromus');
    then = await ids(us, names);
    await ok(us, ['save', '-o', archive, ...names]);
    await ok(us, ['rmi', '-f', ...names]);
  });
  after(() => tools?.remove());

  test('podman loads what save wrote, and load takes what podman wrote: the same IDs and layers', async () => {
    await ok(podman, ['load', '-q', '-i', archive]);
    // It takes short names of an archive with several images for its own, and prints IDs without their algorithm.
    const there = names.map((name) => name.replace(/^(?!localhost)/, 'localhost/'));
    const seen = (await ids(podman, there)).map((id) => `sha256:${id}`);
    assert.deepEqual(seen, then);
    const several = join(box.dir, 'several.tar');
    await ok(podman, ['save', '-q', '--multi-image-archive', '-o', several, ...there]);
    await ok(us, ['load', '-i', several]);
    assert.deepEqual(await ids(us, there), then);
    await ok(us, ['rmi', '-f', ...there]);
    const two = there[1]!;
    for (const format of ['docker-archive', 'oci-archive']) {
      const one = join(box.dir, `podman-${format}.tar`);
      await ok(podman, ['save', '-q', '--format', format, '-o', one, two]);
      assert.equal(await ok(us, ['load', '-i', one]), `Loaded image: ${two}`);
      const [now] = await ids(us, [two]);
      // For OCI's format it writes another config, and so another image.
      assert.equal(now!.split(' [')[1], then[1]!.split(' [')[1]);
      if (format === 'docker-archive') assert.equal(now, then[1]);
      await ok(us, ['rmi', two]);
    }
  });

  test('skopeo reads save as both kinds of archive, and load takes what it copies', async () => {
    const [one, two] = names as [string, string];
    const copy = async (from: string, to: string) => {
      const { code, stderr } = await tools.skopeo(['copy', '-q', from, to]);
      assert.equal(code, 0, stderr);
    };
    await ok(us, ['load', '-i', archive]);
    const single = join(box.dir, 'single.tar');
    await ok(us, ['save', '-o', single, two]);
    await ok(us, ['rmi', '-f', ...names]);
    for (const source of [`docker-archive:${archive}:${two}`, `oci-archive:${single}`]) {
      const to = join(box.dir, `skopeo-${source.split(':')[0]}.tar`);
      await copy(source, `docker-archive:${to}:docker.io/${two}`);
      await ok(us, ['load', '-i', to]);
      assert.deepEqual(await ids(us, [two]), [then[1]], source);
      await ok(us, ['rmi', two]);
    }
    const oci = join(box.dir, 'skopeo-oci.tar');
    await copy(`docker-archive:${archive}:${one}`, `oci-archive:${oci}:docker.io/${one}`);
    assert.equal(await ok(us, ['load', '-i', oci]), `Loaded image: ${one}`);
    assert.equal((await ids(us, [one]))[0]!.split(' [')[1], then[0]!.split(' [')[1]);
    await ok(us, ['rmi', one]);
  });
});
