import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { prepareBoth } from '../harness/compare.ts';
import { laneFromEnv } from '../harness/lane-env.ts';
import { builtProgram, run } from '../harness/program.ts';
import { lacksDocker, startDocker } from '../harness/side-docker.ts';

const [docker] = prepareBoth();
const { archive, dockerHost, tag } = laneFromEnv();
const namespace = `${tag}-migrate`;
const env = { CONTAINERD_NAMESPACE: namespace, DOCKER_HOST: dockerHost };

async function ok(args: string[], player = docker!): Promise<string> {
  const { code, stdout, stderr } = await player.run(args);
  assert.equal(code, 0, `docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const nerdctl = (args: string[]) => run(builtProgram, args, { env });

async function own(args: string[]): Promise<string> {
  const { code, stdout, stderr } = await nerdctl(args);
  assert.equal(code, 0, `nerdctl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const idOf = (name: string) => ['image', 'inspect', '--format', '{{.Id}}', name];

test('migrate docker: images and named volumes, again and again', async (t) => {
  t.after(async () => {
    await docker!.run(['rm', '-f', 'm-db']);
    await docker!.run(['volume', 'rm', '-f', 'm-data', 'm-used']);
    await docker!.run(['rmi', 'migrate/bb:two']);
  });
  await ok(['tag', 'bb', 'migrate/bb:two']);
  await ok(['volume', 'create', '--label', 'app=shop', 'm-data']);
  await ok(['volume', 'create', 'm-used']);
  const fill =
    'mkdir -p /v/d && echo kept > /v/d/f && ln -s f /v/d/l && chown -R 1000:2000 /v/d && chmod 2750 /v && mknod /v/n c 1 3';
  await ok(['run', '--rm', '-v', 'm-data:/v', 'bb', 'sh', '-c', fill]);
  await ok(['run', '-d', '--name', 'm-db', '-v', 'm-used:/v', 'bb', 'sleep', '1000']);
  const stat = ['stat', '-c', '%n %F %u:%g %a', '/v', '/v/d', '/v/d/f', '/v/d/l', '/v/n'];
  const before = await ok(['run', '--rm', '-v', 'm-data:/v', 'bb', ...stat]);

  const planned = await own(['migrate', 'docker', '--dry-run']);
  assert.match(planned, /^Would load image .*migrate\/bb:two.* \([\d.]+MB\)$/m);
  assert.match(planned, /^Would copy volume m-data$/m);
  assert.match(planned, /images would be loaded, \d+ volumes? would be copied\.$/m);
  assert.equal(await own(['images', '-q']), '', 'a dry run brings nothing');

  const said = await own(['migrate', 'docker']);
  assert.match(said, /^Loading image .*migrate\/bb:two[\s\S]*^Copying volume m-data$/m);
  assert.match(said, /volume m-used: container m-db is writing to it: stop that, and run this again$/m);
  assert.match(said, /1 container \(m-db\): make them again with run$/m);
  for (const name of ['bb', 'migrate/bb:two', 'web']) assert.equal(await own(idOf(name)), await ok(idOf(name)), name);
  assert.equal(await own(['run', '--rm', '--net', 'none', '-v', 'm-data:/v', 'bb', ...stat]), before);
  assert.equal(await own(['volume', 'inspect', '--format', '{{json .Labels}}', 'm-data']), '{"app":"shop"}');
  const names = (await own(['volume', 'ls', '-q'])).split('\n');
  assert.deepEqual([names.includes('m-data'), names.includes('m-used')], [true, false]);

  await ok(['rm', '-f', 'm-db']);
  assert.match(
    await own(['migrate', 'docker']),
    /^Copying volume m-used\n1 volume copied, \d+ images here already, \d+ vol/,
  );
  assert.match(await own(['migrate', 'docker']), /^\d+ images here already, \d+ volumes here already\.$/m);
});

test('migrate docker: what a killed one has left is put away, and no half volume has a name', async (t) => {
  t.after(() => docker!.run(['volume', 'rm', '-f', 'm-big']));
  await ok(['volume', 'create', 'm-big']);
  await ok(['run', '--rm', '-v', 'm-big:/v', 'bb', 'sh', '-c', 'for i in $(seq 3000); do echo $i > /v/$i; done']);
  const target = (await own(['volume', 'inspect', '-f', '{{.Mountpoint}}', await own(['volume', 'create'])])).split(
    '/volumes/',
  )[0];
  const child = spawn(builtProgram, ['migrate', 'docker'], { env: { ...process.env, ...env } });
  for await (const chunk of child.stdout) if (/Copying volume m-big/.test(String(chunk))) break;
  await delay(20);
  child.kill('SIGKILL');
  await once(child, 'close');
  const listed = (await own(['volume', 'ls', '-q'])).split('\n');
  if (!listed.includes('m-big')) await own(['migrate', 'docker']);
  assert.equal(
    await own(['run', '--rm', '--net', 'none', '-v', 'm-big:/v', 'bb', 'sh', '-c', 'ls /v | wc -l']),
    '3000',
  );
  assert.equal(existsSync(`${target}/migrate/${namespace}`), false);
});

for (const { docker: version, containerdStore } of [
  { docker: '26.1' as const },
  { docker: '28.5' as const, containerdStore: true },
]) {
  const title = `migrate docker: from docker ${version}${containerdStore ? " with containerd's images" : ''}`;
  test(title, { skip: lacksDocker(version) }, async (t) => {
    const side = await startDocker(version, { containerdStore });
    const there = { CONTAINERD_NAMESPACE: `${namespace}-${version}`, DOCKER_HOST: `unix://${side.socket}` };
    const migrate = async () => (await run(builtProgram, ['migrate', 'docker'], { env: there })).stdout;
    const volume = `m-from-${version}`;
    t.after(async () => {
      await run(builtProgram, ['volume', 'rm', volume], { env: there });
      await run(builtProgram, ['rmi', '-f', 'bb', 'bb:two', 'web', 'full'], { env: there });
      await side.stop();
    });
    const tags = ['tag', 'bb', 'bb:two'];
    for (const args of [['load', '-i', archive], tags, ['volume', 'create', volume]]) {
      const { code, stderr } = await side.run(args);
      assert.equal(code, 0, stderr);
    }
    assert.match(await migrate(), /^Loading image bb:latest, bb:two [\s\S]*^3 images loaded, 1 volume copied\.$/m);
    assert.match(await migrate(), /^3 images here already, 1 volume here already\.$/m);
    const { stdout } = await run(builtProgram, ['images', '-q', '--no-trunc', 'bb:two'], { env: there });
    assert.equal(stdout.trim(), await ok(['images', '-q', '--no-trunc', 'bb:latest']));
  });
}

for (const [title, host, sentence] of [
  [
    'no docker',
    'unix:///nowhere/docker.sock',
    /^cannot connect to docker at unix:\/\/\/nowhere\/docker.sock: is the docker daemon running\?/,
  ],
  [
    'a docker elsewhere',
    'tcp://192.0.2.1:2375',
    /^Error.*invalid docker host "tcp:\/\/192.0.2.1:2375": volumes can only be read/,
  ],
] as const) {
  test(`migrate docker: ${title}`, async () => {
    const { code, stderr } = await nerdctl(['migrate', 'docker', '--docker-host', host]);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
  });
}
