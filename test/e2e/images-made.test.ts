import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { eventually } from '../harness/eventually.ts';
import { lacksRegistry, startRegistry } from '../harness/registry.ts';
import { lacksCgroups, lacksWhiteouts } from '../harness/user.ts';

const box = openBox(import.meta.url);
test('commit: what a running container has changed, and no container is left paused', {
  skip: lacksWhiteouts(),
}, async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, '-e', 'GIVEN=yes', '-w', '/tmp', '-l', 'own=1', 'web', 'sleep', '99']);
  await box.ok(['exec', name, 'sh', '-c', 'echo changed > /etc/added; rm -r /www; chown 1000:1001 /root; mkdir /new']);
  const id = await box.ok(['commit', '-a', 'Somebody', '-m', 'a message', name, 'made:v1']);
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', 'made:v1']), id);
  assert.equal(await box.ok(['ps', '--filter', `name=${name}`, '--format', '{{.State}}']), 'running');
  const script = 'cat /etc/added; ls -d /www 2>&1; stat -c %u:%g /root; stat -c %F /new; pwd; echo $GIVEN';
  const shown = await box.ok(['run', '--rm', 'made:v1', 'sh', '-c', script]);
  assert.deepEqual(shown.split('\n'), [
    'changed',
    'ls: /www: No such file or directory',
    '1000:1001',
    'directory',
    '/tmp',
    'yes',
  ]);
  const format = '{{.Author}}|{{.Comment}}|{{json .Config.Cmd}}|{{len .RootFS.Layers}}|{{json .Config.Labels}}';
  assert.equal(
    await box.ok(['image', 'inspect', '-f', format, 'made:v1']),
    'Somebody|a message|["sleep","99"]|3|{"org.example.kind":"web","own":"1"}',
  );
  const history = await box.ok(['history', '--format', '{{.ID}} {{.CreatedBy}} {{.Comment}}', '--no-trunc', 'made:v1']);
  assert.deepEqual(history.split('\n'), [`${id} sleep 99 a message`, '<missing> layer 2 ', '<missing> layer 1 ']);
  const canPause = lacksCgroups() === undefined;
  if (canPause) await box.ok(['pause', name]);
  await box.ok(['commit', name, 'made:v2']);
  const state = await box.ok(['ps', '--filter', `name=${name}`, '--format', '{{.State}}']);
  assert.equal(state, canPause ? 'paused' : 'running');
  if (canPause) await box.ok(['unpause', name]);
  await box.ok(['rm', '-f', name]);
  assert.equal(await box.ok(['run', '--rm', 'made:v2', 'cat', '/etc/added']), 'changed');
  await box.ok(['rmi', 'made:v1', 'made:v2']);
});

test('commit of a container that never ran has no layer; changes; another one takes the name', async () => {
  const name = box.name();
  await box.ok(['create', '--name', name, 'full']);
  const changes = ['CMD ["new"]', 'ENV A=1 FROM_IMAGE=$FROM_IMAGE-too', 'LABEL x=y', 'USER root'];
  const id = await box.ok(['commit', ...changes.flatMap((each) => ['-c', each]), name, 'made']);
  const config = await box.ok(['inspect', '-f', '{{len .RootFS.Layers}} {{.Config.User}} {{.Config.StopSignal}}', id]);
  assert.equal(config, '3 root SIGQUIT');
  assert.equal(await box.ok(['run', '--rm', 'made']), 'entry new');
  const env = await box.ok(['run', '--rm', '--entrypoint', 'sh', 'made', '-c', 'echo $A $FROM_IMAGE']);
  assert.equal(env, '1 yes-too');
  await box.ok(['commit', name, 'made']);
  assert.equal(await box.ok(['images', '-f', 'dangling=true', '-q', '--no-trunc']), id);
  const unnamed = await box.ok(['commit', '--no-pause', name]);
  await box.ok(['rm', name]);
  await box.ok(['rmi', 'made', id, unnamed]);
});

test('kill -9 of commit: the next command lets the container go on', { skip: lacksCgroups() }, async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok([
      'run',
      '-d',
      '--name',
      name,
      'bb',
      'sh',
      '-c',
      'head -c 150000000 /dev/urandom > /big; echo full; sleep 99',
    ]);
    await eventually(async () => (await box.ok(['logs', name])) === 'full', 'the file to be there');
    const command = box.start(['commit', name, 'never']);
    const state = async () => (await box.ctr(['tasks', 'ls'])).match(/\b(RUNNING|PAUSED)\b/)?.[0];
    await eventually(async () => (await state()) === 'PAUSED', 'the container to be paused');
    command.kill('SIGKILL');
    await command.result;
    assert.equal(await box.ok(['ps', '--filter', `name=${name}`, '--format', '{{.State}}']), 'running');
    await box.ok(['stop', '-t', '0', name]);
    await box.ok(['rm', name]);
    // What it has read so far is its lease's, which ends by itself.
    const leases = (await box.ctr(['leases', 'ls', '-q'])).split('\n').filter(Boolean);
    for (const lease of leases) await box.ctr(['leases', 'rm', '--sync', lease]);
  });
});

test('a refused commit leaves nothing', async () => {
  const name = box.name();
  await box.ok(['create', '--name', name, 'bb']);
  await box.leavesNothing(async () => {
    await box.fails(['commit', 'no-such'], 1, /No such container: no-such/);
    await box.fails(['commit', '-c', 'RUN x', name], 1, /run is not a valid change command/);
    await box.fails(['commit', name, 'UP'], 1, /^invalid reference format: repository name \(library\/UP\) must be/);
    await box.fails(['commit', '--compression', 'best', name], 1, /invalid --compression "best"/);
    await box.fails(['commit', '--no-pause', '-p=false', name], 1, /--no-pause and --pause cannot be used together$/m);
    await box.fails(['commit', '--estargz', name], 1, /--estargz is not supported/);
  });
  assert.equal(await box.ok(['images', '-f', 'dangling=true', '-q']), '');
  await box.ok(['rm', name]);
});

test('what commit makes can be pushed and pulled, in both formats', {
  skip: lacksRegistry(box.lane.registry),
}, async () => {
  const registry = await startRegistry(box.lane.registry!, join(box.dir, 'registry'));
  const name = box.name();
  try {
    await box.ok(['run', '--name', name, '--network', 'none', 'web', 'sh', '-c', 'echo pushed > /added']);
    for (const flags of [
      ['--format', 'docker'],
      ['--format', 'oci', '--compression', 'none'],
    ]) {
      const image = `${registry.host}/made:${flags[1]}`;
      const id = await box.ok(['commit', ...flags, name, image]);
      await box.ok(['push', '-q', image]);
      await box.ok(['rmi', image]);
      await box.ok(['pull', '-q', image]);
      assert.equal(await box.ok(['images', '-q', '--no-trunc', image]), id);
      assert.equal(await box.ok(['run', '--rm', '--network', 'none', image, 'cat', '/added']), 'pushed');
      await box.ok(['rmi', image]);
    }
  } finally {
    await box.ok(['rm', '-f', name]);
    await registry.stop();
  }
});
