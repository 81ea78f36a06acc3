import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noDaemonSentence, splitAddress } from '../../../../src/engine/build/daemon.ts';
import { daemonSockets } from '../../../../src/engine/build/daemon-places.ts';

test('the sockets of Go nerdctl, in its order', () => {
  assert.deepEqual(daemonSockets('default', {}), [
    '/run/buildkit-default/buildkitd.sock',
    '/run/buildkit/buildkitd.sock',
  ]);
  assert.deepEqual(daemonSockets('k8s.io', { XDG_RUNTIME_DIR: '/run/user/7', ROOTLESSKIT_STATE_DIR: 'x' }), [
    '/run/user/7/buildkit-k8s.io/buildkitd.sock',
    '/run/user/7/buildkit-default/buildkitd.sock',
    '/run/user/7/buildkit/buildkitd.sock',
  ]);
});

const env = { PATH: '/bin:/opt/bin' };

for (const [name, there, uid, sentence] of [
  ['buildkitd for root', ['/opt/bin/buildkitd', '/var/run/docker.sock'], 0, /start it with "nerdctl system start"/],
  ['buildkitd for others', ['/opt/bin/buildkitd'], 7, /start it with "containerd-rootless-setuptool\.sh /],
  ['docker', ['/var/run/docker.sock'], 0, /the one inside docker with --buildkit-host docker:\/\/ /],
  ['nothing', [], 0, /: install buildkitd \(https:/],
] as const)
  test(`how to get a BuildKit on a machine with ${name}`, () => {
    const exists = (path: string) => (there as readonly string[]).includes(path);
    const said = noDaemonSentence('/run/buildkit/buildkitd.sock', { env, uid, exists });
    assert.match(said, /^no BuildKit answers at unix:\/\/\/run\/buildkit\/buildkitd\.sock: /);
    assert.match(said, sentence);
  });

test('certificates in an address', () => {
  assert.deepEqual(splitAddress('unix:///a?b'), { address: 'unix:///a?b' });
  assert.deepEqual(splitAddress('tcp://h:1'), { address: 'tcp://h:1' });
  assert.deepEqual(splitAddress('tcp://h:1?cacert=/a&cert=b&key=c&servername=s'), {
    address: 'tcp://h:1',
    tls: { ca: '/a', cert: 'b', key: 'c', serverName: 's' },
  });
  assert.deepEqual(splitAddress('docker://tcp://h:1?cacert=a'), { address: 'docker://tcp://h:1', tls: { ca: 'a' } });
  assert.throws(() => splitAddress('tcp://h:1?ca=a'), { message: /unknown option "ca"/ });
});
