import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAddress } from '../../../src/buildkit/address.ts';

describe('the address of a BuildKit', () => {
  const good: [string, boolean, object][] = [
    ['unix:///run/buildkit/buildkitd.sock', false, { kind: 'unix', path: '/run/buildkit/buildkitd.sock' }],
    ['/run/b.sock', false, { kind: 'unix', path: '/run/b.sock' }],
    ['unix://@hidden', false, { kind: 'unix', path: '\0hidden' }],
    ['tcp://builder:1234', false, { kind: 'tcp', host: 'builder', port: 1234 }],
    ['tcp://127.0.0.1:8080/', false, { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
    ['tcp://[::1]:65535', false, { kind: 'tcp', host: '::1', port: 65_535 }],
    ['docker://', true, { kind: 'unix', path: '/var/run/docker.sock' }],
    ['docker:///run/d.sock', true, { kind: 'unix', path: '/run/d.sock' }],
    ['docker://unix:///run/d.sock', true, { kind: 'unix', path: '/run/d.sock' }],
    ['docker://tcp://host:2375', true, { kind: 'tcp', host: 'host', port: 2375 }],
  ];
  for (const [address, docker, endpoint] of good) {
    it(address, () => assert.deepEqual(parseAddress(address), { docker, endpoint }));
  }

  const bad: [string, RegExp][] = [
    ['', /has to be unix:\/\/\/PATH, tcp:\/\/HOST:PORT or docker:\/\//],
    ['buildkitd.sock', /has to be unix/],
    ['unix://', /names no socket/],
    ['tcp://host', /has to be tcp:\/\/HOST:PORT/],
    ['tcp://host:0', /has to be tcp:\/\/HOST:PORT/],
    ['tcp://host:65536', /has to be tcp:\/\/HOST:PORT/],
    ['tcp://a:b:1', /has to be tcp:\/\/HOST:PORT/],
    ['docker-container://buildkitd', /docker-container:\/\/ is not supported/],
    ['podman-container://x', /podman-container:\/\/ is not supported/],
    ['ssh://user@host', /ssh:\/\/ is not supported/],
  ];
  for (const [address, sentence] of bad) {
    it(`refuses ${JSON.stringify(address)}`, () => {
      assert.throws(() => parseAddress(address), { kind: 'invalid', message: sentence });
    });
  }
});
