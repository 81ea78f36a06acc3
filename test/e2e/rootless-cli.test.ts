import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fetchPage } from '../harness/box.ts';
import { engineSide } from '../harness/engine-side.ts';
import { laneFromEnv } from '../harness/lane-env.ts';
import { lacksRootless, makeRootlessUser, type RootlessUser } from '../harness/rootless-user.ts';

const skip = lacksRootless();

/** Demands success; stdout without the last newline. */
async function ok(user: RootlessUser, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await user.nerdctl(args);
  assert.equal(code, 0, `nerdctl ${args.join(' ')}: ${stderr}`);
  return stdout.replace(/\n$/, '');
}

async function fails(user: RootlessUser, args: string[], code: number, sentence: RegExp): Promise<void> {
  const result = await user.nerdctl(args);
  assert.match(result.stderr, sentence);
  assert.equal(result.code, code, result.stderr);
}

test('the engine of a user: found, left with its ports when it stops, and full of them after a restart', {
  skip,
}, async () => {
  const lane = laneFromEnv();
  const user = makeRootlessUser({ rootlesskit: /^v?1\.6\./.test(lane.source.version) ? 1 : 2 });
  const stateDir = `${user.runtimeDir}/containerd-rootless`;
  const ports = () => engineSide({ ...user, stateDir }).ports();
  try {
    await fails(
      user,
      ['ps'],
      1,
      /: .*"nerdctl system start" \("containerd-rootless-setuptool.sh install": as a service\)/,
    );
    assert.equal((await user.setuptool(['start'])).code, 0);
    await ok(user, 'load', '-i', user.seen(lane.archive));
    assert.match(await ok(user, 'info', '-f', '{{.SecurityOptions}} {{.CgroupDriver}}'), /name=rootless.* none$/);
    // The words are in the launcher's list, and mean nothing there.
    assert.equal(await ok(user, 'run', '--rm', 'bb', 'echo', 'login'), 'login');

    await ok(user, 'run', '-d', '--name', 'site', '--restart', 'always', '-p', '8070:80', 'web');
    assert.match(await fetchPage(8070), /./);
    assert.equal((await ports()).length, 1);
    await fails(
      user,
      ['run', '--rm', '-p', '8070:80', 'bb'],
      125,
      /Bind for 0\.0\.0\.0:8070 failed: port is already allocated/,
    );
    await fails(user, ['run', '--rm', '-p', '81:80', 'bb'], 125, /cannot expose privileged port 81, you can add /);
    const server = createServer().listen(8071, '127.0.0.1');
    await fails(
      user,
      ['run', '--rm', '-p', '127.0.0.1:8071:80', 'bb'],
      125,
      /listen tcp4 127\.0\.0\.1:8071: bind: address already in use/,
    );
    server.close();

    for (const moment of [150, 250, 400]) {
      const run = user.start(user.program, ['run', '--rm', '-p', '8072:80', 'web']);
      await delay(moment);
      run.kill('SIGKILL');
      await run.result;
    }
    await ok(
      user,
      'rm',
      '-f',
      ...(await ok(user, 'ps', '-aq', '--filter', 'ancestor=web')).split('\n').filter(Boolean),
      'site',
    );
    assert.deepEqual(await ports(), []);

    await ok(user, 'run', '-d', '--name', 'site', '--restart', 'always', '-p', '8070:80', 'web');
    assert.equal((await user.setuptool(['restart'])).code, 0);
    await ok(user, 'internal', 'restore');
    assert.match(await fetchPage(8070), /./);
    assert.equal((await ports()).length, 1);
    await ok(user, 'rm', '-f', 'site');
    assert.deepEqual(await ports(), []);
  } finally {
    await user.remove();
  }
});
