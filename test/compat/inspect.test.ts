import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lacking, prepareBoth } from '../harness/compare.ts';
import { idle } from '../harness/containers.ts';

const [docker, nerdctl] = prepareBoth();

/** Fields of docker's storage, swarm and networking that containerd has nothing for. */
const dockersOwn =
  /GraphDriver|SandboxKey|SandboxID|EndpointID|HnsEndpoint|LinkLocal|GlobalIPv6|IPv6|Bridge:|Swarm|Scope|ConfigFrom|ConfigOnly|VirtualSize|DockerVersion|ContainerConfig|Container:|Containers\.[0-9a-f]|Options\.com\.docker|Peers/;

async function objects(args: string[]): Promise<unknown[]> {
  const results = await Promise.all([docker!, nerdctl!].map((who) => who.run(args)));
  return results.map(({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as unknown[])[0];
  });
}

test('inspect of a running container has every field of docker with its type', async () => {
  for (const who of [docker!, nerdctl!]) {
    const flags = ['-p', '80', '-v', 'vol:/v', '-e', 'A=1', '-l', 'a=b', '--restart', 'on-failure:3', '-m', '64m'];
    const { code, stderr } = await who.run(['run', '-d', '--name', 'shaped', ...flags, 'bb', ...idle]);
    assert.equal(code, 0, stderr);
  }
  const [theirs, ours] = await objects(['inspect', 'shaped']);
  assert.deepEqual(
    lacking(theirs, ours).filter((path) => !dockersOwn.test(path)),
    [],
  );
});

for (const [what, args] of [
  ['image', ['image', 'inspect', 'full']],
  ['network', ['network', 'inspect', 'bridge']],
  ['volume', ['volume', 'inspect', 'vol']],
] as const) {
  test(`inspect of the ${what} has every field of docker with its type`, async () => {
    const [theirs, ours] = await objects([...args]);
    assert.deepEqual(
      lacking(theirs, ours).filter((path) => !dockersOwn.test(path)),
      [],
    );
  });
}
