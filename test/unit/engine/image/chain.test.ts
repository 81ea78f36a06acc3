import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chainIds } from '../../../../src/engine/image/chain.ts';
import { isDangling } from '../../../../src/engine/image/records.ts';
import { tarHeader } from '../../../../src/engine/image/tar-header.ts';
import { orderManifests } from '../../../../src/engine/image/view.ts';

it('names a layer by all that is below it', () => {
  const [a, b] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
  assert.deepEqual(chainIds([]), []);
  // printf 'sha256:aaa… sha256:bbb…' | sha256sum
  assert.deepEqual(chainIds([a, b]), [a, 'sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c']);
});

it('knows the names that no user gave', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const dangling = [':', digest, `<none>@${digest}`, `overlayfs@${digest}`, `import-2024-01-02@${digest}`];
  const named = ['docker.io/library/a:1', `docker.io/library/a@${digest}`, `localhost:5000/a@${digest}`];
  assert.deepEqual([...dangling, ...named].filter(isDangling), dangling);
});

it('prefers the platform asked for, then what it can run, and leaves attestations out', () => {
  const entry = (name: string, platform?: object, annotations?: Record<string, string>) =>
    ({ mediaType: '', size: 1, digest: name, platform, annotations }) as never;
  const manifests = [
    entry('attestation', { os: 'unknown', architecture: 'unknown' }),
    entry('v6', { os: 'linux', architecture: 'arm', variant: 'v6' }),
    entry('v7', { os: 'linux', architecture: 'arm', variant: 'v7' }),
    entry('arm64', { os: 'linux', architecture: 'arm64', variant: 'v8' }),
    entry('windows', { os: 'windows', architecture: 'amd64' }),
  ];
  const order = (os: string, architecture: string, variant?: string) =>
    orderManifests(manifests, { os, architecture, variant }).map(({ digest }) => digest);
  assert.deepEqual(order('linux', 'arm', 'v7'), ['v7', 'v6']);
  assert.deepEqual(order('linux', 'arm64'), ['arm64', 'v7', 'v6']);
  assert.deepEqual(order('linux', 's390x'), []);
});

it('writes tar headers for sizes beyond octal', () => {
  const small = Buffer.from(tarHeader('a', 10));
  assert.equal(small.toString('latin1', 124, 136), '00000000012\0');
  const large = Buffer.from(tarHeader('a', 2 ** 40));
  assert.equal(large[124], 0x80);
  assert.equal(large.readBigUInt64BE(128), 2n ** 40n);
});
