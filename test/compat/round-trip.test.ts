import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dockerArchive } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';
import type { DockerName } from '../harness/docker.ts';
import { findProgram } from '../harness/engines.ts';
import { ids, makeAll, ok, rootfs, type Who } from '../harness/made-images.ts';
import { multiPlatform } from '../harness/multi-platform.ts';
import { builtProgram, run } from '../harness/program.ts';
import { lacksDocker, type SideDocker, startDocker } from '../harness/side-docker.ts';

const box = openBox(import.meta.url);
const us: Who = { name: 'nerdctl', run: box.nerdctl };

/** Loads what comes out of a line of sh. */
async function loadFrom(line: string): Promise<string[]> {
  const env = { CONTAINERD_NAMESPACE: box.namespace };
  const { code, stdout, stderr } = await run('sh', ['-c', `${line} | ${builtProgram} load`], { env });
  assert.equal(code, 0, `${line}: ${stderr}`);
  return stdout.trim().split('\n').sort();
}

/** The digest of what each name stands for, which is the ID in a docker whose images are containerd's. */
async function targets(names: readonly string[]): Promise<string[]> {
  const rows = (await box.ctr(['images', 'ls'])).split('\n').map((row) => row.split(/\s+/));
  const digests = new Map(rows.map(([name, , digest]) => [name, digest]));
  return names.map((name) => digests.get(name.startsWith('localhost') ? name : `docker.io/${name}`) ?? 'none');
}

/** Images that we have made, once for all dockers: each gives them back as they were. */
let made: Promise<{ names: string[]; files: string }> | undefined;
function fromUs(): Promise<{ names: string[]; files: string }> {
  made ??= (async () => {
    // Nothing but configuration: docker writes `"Layers":null` of it.
    const bare = 'fromus/bare:1';
    await box.ok(['load'], { input: await dockerArchive([{ name: bare, layers: [], config: { Env: ['A=b'] } }]) });
    const names = await makeAll(us, 'fromus');
    return { names: [...names, bare], files: await rootfs(us, names[1]!) };
  })();
  return made;
}

/** Each once, where the machine has it: what docker has written looks the same below all of them. */
const wrappers = ['cat', 'gzip -c', 'xz -0c', 'bzip2 -1c', 'zstd -qc'].filter((line) =>
  findProgram(line.split(' ')[0]!),
);

const kinds: { docker: DockerName; containerdStore?: boolean }[] = [
  { docker: '20.10' },
  { docker: '26.1' },
  { docker: '26.1', containerdStore: true },
  { docker: '28.5' },
  { docker: '28.5', containerdStore: true },
];

for (const [n, { docker: name, containerdStore }] of kinds.entries()) {
  const title = `docker ${name}${containerdStore ? " with containerd's images" : ''}`;
  describe(title, { skip: lacksDocker(name) }, () => {
    let side: SideDocker;
    let docker: Who;
    before(async () => {
      side = await startDocker(name, { containerdStore });
      docker = { name: title, run: side.run };
      await ok(docker, ['load', '-i', box.lane.archive]);
    });
    after(() => side?.stop());
    const sameAs = async (names: readonly string[], then: string[]) => {
      const now = await ids(us, names);
      const layers = (all: string[]) => all.map((text) => text.slice(text.indexOf(' ')));
      assert.deepEqual(layers(now), layers(then));
      const seen = containerdStore ? await targets(names) : now.map((text) => text.split(' ')[0]);
      assert.deepEqual(
        seen,
        then.map((text) => text.split(' ')[0]),
      );
    };

    test(`${title}: docker save, load, save, docker load: names, IDs, layers and files are the same`, async () => {
      const names = await makeAll(docker, 'fromdocker');
      const then = await ids(docker, names);
      const files = await rootfs(docker, names[1]!);
      assert.match(files, /^\/one regular file 4755 12:13\n\/one 1 2 981173106$/m);
      const given = join(box.dir, 'given.tar');
      await ok(docker, ['save', '-o', given, ...names, 'full']);
      const loaded = await loadFrom(`${wrappers[n % wrappers.length]} ${given}`);
      assert.deepEqual(loaded, [...names, 'full:latest'].map((each) => `Loaded image: ${each}`).sort());
      await sameAs(names, then);
      // Of `full`, which was here with other blobs, nothing was replaced.
      assert.equal(await ok(us, ['images', '-qf', 'dangling=true']), '');
      assert.equal(await rootfs(us, names[1]!), files);

      const back = join(box.dir, 'back.tar');
      await ok(us, ['save', '-o', back, ...names]);
      // Layers that images share are in it once.
      assert.ok(statSync(back).size < statSync(given).size * 1.1);
      await ok(docker, ['rmi', '-f', ...names]);
      await ok(docker, ['load', '-i', back]);
      assert.deepEqual(await ids(docker, names), then);
      assert.equal(await rootfs(docker, names[1]!), files);
      for (const who of [docker, us]) await ok(who, ['rmi', '-f', ...names]);
    });

    test(`${title}: what commit makes is the same image in docker, and when it comes back`, async () => {
      const { names, files } = await fromUs();
      const archive = join(box.dir, 'fromus.tar');
      await ok(us, ['save', '-o', archive, ...names]);
      await ok(docker, ['load', '-i', archive]);
      const then = await ids(docker, names);
      await sameAs(names, then);
      assert.equal(await rootfs(docker, names[1]!), files);
      // Of an image without layers, docker's own store says "empty export - not implemented".
      const back = containerdStore ? names : names.slice(0, -1);
      await ok(docker, ['save', '-o', archive, ...back]);
      await ok(us, ['rmi', '-f', ...back]);
      await ok(us, ['load', '-i', archive]);
      await sameAs(names, then);
    });

    if (!containerdStore) return;
    test(`${title}: an index of platforms some of which are elsewhere, with an attestation`, async () => {
      const name = 'fromdocker/multi:1';
      const { archive, index } = await multiPlatform(`docker.io/${name}`);
      assert.equal((await side.run(['load'], { input: archive })).code, 0);
      const then = await ids(docker, [name]);
      assert.match(then[0]!, new RegExp(`^${index} `));
      const file = join(box.dir, 'multi.tar');
      await ok(docker, ['save', '-o', file, name]);
      await ok(us, ['load', '-i', file]);
      await sameAs([name], then);
      await ok(us, ['save', '-o', file, name]);
      await ok(docker, ['rmi', name]);
      await ok(docker, ['load', '-i', file]);
      assert.deepEqual(await ids(docker, [name]), then);
      for (const who of [docker, us]) await ok(who, ['rmi', name]);
    });
  });
}
