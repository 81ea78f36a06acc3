import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';

const box = openBox(import.meta.url);

/** A container with the record, names and state directory that Go nerdctl writes, without its hook and logger. */
async function goContainer(name: string): Promise<string> {
  const id = randomBytes(32).toString('hex');
  const hex = createHash('sha256').update(box.lane.address).digest('hex').slice(0, 8);
  const store = join('/var/lib/nerdctl', hex);
  const state = join(store, 'containers', box.namespace, id);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const names = join(store, 'names', box.namespace);
  mkdirSync(names, { recursive: true });
  writeFileSync(join(names, name), id);
  const log = join(state, `${id}-json.log`);
  writeFileSync(log, `${JSON.stringify({ log: 'from the log\n', stream: 'stdout', time: '2024-01-02T03:04:05Z' })}\n`);
  writeFileSync(join(state, 'log-config.json'), JSON.stringify({ driver: 'json-file', opts: {} }));
  writeFileSync(join(state, 'network-config.json'), JSON.stringify({ portMappings: [] }));
  const labels: Record<string, string> = {
    'nerdctl/namespace': box.namespace,
    'nerdctl/name': name,
    'nerdctl/hostname': id.slice(0, 12),
    'nerdctl/state-dir': state,
    'nerdctl/networks': '["none"]',
    'nerdctl/platform': 'linux/amd64',
    'nerdctl/extraHosts': '[]',
    'nerdctl/log-config': JSON.stringify({ driver: 'json-file', opts: {} }),
    'own.label': 'kept',
  };
  const flags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  await box.ctr(['run', '-d', ...flags, 'docker.io/library/bb:latest', id, 'sleep', '1000']);
  return id;
}

test('a container of Go nerdctl is listed, inspected, logged, executed into, stopped, started, removed', async () => {
  await box.leavesNothing(async () => {
    const name = box.name('go');
    const id = await goContainer(name);
    assert.match(await box.ok(['ps']), new RegExp(`${id.slice(0, 12)} +bb:latest.* Up .* ${name}`));
    const container = await box.inspect<ContainerJson>(name);
    assert.deepEqual([container.Id, container.Name, container.State.Status], [id, `/${name}`, 'running']);
    assert.equal(container.Config.Labels['own.label'], 'kept');
    assert.equal(await box.ok(['logs', name]), 'from the log');
    assert.equal(await box.ok(['exec', name, 'echo', 'inside']), 'inside');
    await box.ok(['stop', '-t', '0', name]);
    await box.ok(['start', name]);
    assert.equal((await box.inspect<ContainerJson>(name)).State.Running, true);
    await box.ok(['rm', '-f', name]);
  });
});

test('what we write is where Go nerdctl looks', async () => {
  const name = box.name();
  const id = await box.ok(['create', '--name', name, '-l', 'a=b', 'bb', 'true']);
  const { Labels } = JSON.parse(await box.ctr(['containers', 'info', id])) as { Labels: Record<string, string> };
  assert.equal(Labels['nerdctl/name'], name);
  assert.equal(Labels['nerdctl/namespace'], box.namespace);
  assert.deepEqual(JSON.parse(Labels['nerdctl/networks']!), ['bridge']);
  assert.equal(Labels.a, 'b');
  const state = Labels['nerdctl/state-dir']!;
  assert.equal(JSON.parse(readFileSync(join(state, 'log-config.json'), 'utf8')).driver, 'json-file');
  assert.equal(readFileSync(join(state, '../../../names', box.namespace, name), 'utf8'), id);
  await box.ok(['rm', name]);
});
