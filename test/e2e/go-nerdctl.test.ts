import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive } from '../harness/alive.ts';
import { fetchPage, openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';
import { goContainer, startGoContainer } from '../harness/go-container.ts';

const box = openBox(import.meta.url);
const page =
  'printf "HTTP/1.0 200 OK\\r\\n\\r\\nhello" > /tmp/r; echo out; echo err >&2; while :; do nc -lp 80 < /tmp/r > /dev/null; done';

async function onNetwork(work: (network: string) => Promise<void>): Promise<void> {
  await box.leavesNothing(async () => {
    const network = box.name('net');
    await box.ok(['network', 'create', network]);
    await work(network);
    await box.ok(['network', 'rm', network]);
  });
}

const labelsOf = async (id: string) =>
  (JSON.parse(await box.ctr(['containers', 'info', id])) as { Labels: Record<string, string> }).Labels;

test('a container of Go nerdctl is listed, inspected, logged, executed into, stopped, started, removed', async () => {
  await onNetwork(async (network) => {
    const [name, peer] = [box.name('go'), box.name('peer')];
    await box.ok(['run', '-d', '--name', peer, '--network', network, 'bb', 'sleep', '1000']);
    const options = ['--network', network, '-p', '8091:80', '-l', 'own.label=kept', '--add-host', 'far:10.1.2.3'];
    const go = await goContainer(box, ['--name', name, ...options, 'bb', 'sh', '-c', page]);
    await startGoContainer(box, go);
    const sleeper = Number(readFileSync(join(go.reserver, 'port-reserver.pid'), 'utf8'));

    assert.match(await box.ok(['ps']), new RegExp(`${go.id.slice(0, 12)} +bb .* Up .* 0.0.0.0:8091->80/tcp +${name}`));
    const running = await box.inspect<ContainerJson>(name);
    assert.deepEqual([running.Id, running.Name, running.State.Status], [go.id, `/${name}`, 'running']);
    assert.deepEqual(running.Config.Labels, { 'own.label': 'kept' });
    assert.match(running.NetworkSettings.Networks[network]!.IPAddress, /^10\./);
    assert.match(running.Image, /^sha256:/);
    assert.deepEqual(running.HostConfig.PortBindings, { '80/tcp': [{ HostIp: '', HostPort: '8091' }] });
    assert.equal(await fetchPage(8091), 'hello');
    await eventually(async () => (await box.ok(['logs', name])) === 'out', 'the log');
    assert.match(await box.ok(['exec', name, 'cat', '/etc/hosts']), new RegExp(`10.1.2.3\tfar\n[^]*\t.*${peer}`));
    assert.match(await box.ok(['exec', peer, 'cat', '/etc/hosts']), new RegExp(name));

    await box.ok(['stop', '-t', '0', name]);
    assert.doesNotMatch(await box.ok(['exec', peer, 'cat', '/etc/hosts']), new RegExp(name));
    assert.equal(existsSync(go.reserver) || isAlive(sleeper), false, 'the process that held the ports');
    await box.fails(['run', '--name', name, 'bb', 'true'], 125, /is already in use/);
    assert.match(await box.ok(['ps', '-a', '--filter', `name=${name}`, '--format', '{{.Status}}']), /^Exited \(137\)/);

    await box.ok(['start', name]);
    assert.equal(await fetchPage(8091), 'hello');
    assert.match(await box.ok(['exec', peer, 'cat', '/etc/hosts']), new RegExp(name));
    await box.ok(['restart', '-t', '0', name]);
    await eventually(async () => (await box.ok(['logs', name])) === 'out\nout\nout', 'the log of three runs');
    await box.ok(['rm', '-f', name, peer]);
  });
});

test('a running container of Go nerdctl is removed with all that its hook has made', async () => {
  await onNetwork(async (network) => {
    const name = box.name('go');
    const go = await goContainer(box, ['--name', name, '--network', network, '-p', '8092:80', 'bb', 'sleep', '1000']);
    await startGoContainer(box, go);
    await box.ok(['rm', '-f', name]);
    assert.equal(existsSync(go.reserver), false);
  });
});

test('one that containerd restarts is stopped for good, and restarted by us once we have started it', async () => {
  await box.leavesNothing(async () => {
    const name = box.name('go');
    const command = ['bb', 'sh', '-c', 'test -e /once || { touch /once; exec sleep 1000; }; exit 3'];
    const go = await goContainer(box, ['--name', name, '--restart', 'on-failure:2', ...command]);
    await startGoContainer(box, go);
    await box.ok(['stop', '-t', '0', name]);
    const labels = await labelsOf(go.id);
    assert.equal(labels['containerd.io/restart.status'] ?? '', '');
    assert.equal(labels['containerd.io/restart.explicitly-stopped'], 'true');
    await box.ok(['start', name]);
    const ended = async () => {
      const { State, RestartCount } = await box.inspect<ContainerJson & { RestartCount: number }>(name);
      return State.Status === 'exited' && RestartCount === 2;
    };
    await eventually(ended, 'two restarts', 20_000);
    await box.ok(['rm', name]);
  });
});

test('a start that the hook fails leaves a container that can be removed', async () => {
  await onNetwork(async (network) => {
    const name = box.name('go');
    const go = await goContainer(box, ['--name', name, '--network', network, 'bb', 'true']);
    // What the hook finds is not what it needs: another container has taken the name.
    writeFileSync(join(go.store, 'names', box.namespace, name), await box.ok(['create', '--name', box.name(), 'bb']));
    await assert.rejects(startGoContainer(box, go), /already in use/);
    await box.ok(['rm', go.id]);
    const taken = join(go.store, 'names', box.namespace, name);
    await box.ok(['rm', readFileSync(taken, 'utf8')]);
    rmSync(taken);
  });
});

test('what another program stops or removes behind our back is put away', async () => {
  await onNetwork(async (network) => {
    const name = box.name();
    const run = ['run', '-d', '--restart', 'always', '--network', network, '-p', '8093:80', '--name', name];
    const id = await box.ok([...run, 'bb', 'sleep', '1000']);
    const { 'nerdctl/state-dir': stateDir = '' } = await labelsOf(id);
    // In Go nerdctl's order: the process, the task, the record, its files.
    await box.ctr(['tasks', 'kill', '-s', 'SIGKILL', id]);
    // On a busy machine the policy may have started it again in between.
    await eventually(async () => {
      await box.ctr(['tasks', 'rm', '-f', id]).catch(() => {});
      return box.ctr(['containers', 'rm', id]).then(
        () => true,
        () => false,
      );
    }, 'the removal');
    const store = join(stateDir, '../../..');
    rmSync(stateDir, { recursive: true });
    rmSync(join(store, box.namespace, name));
    rmSync(join(store, 'etchosts', box.namespace, id), { recursive: true });
    // Where no process of ours was left to see it, the name goes with the next command that wants it.
    await box.ok(['run', '--rm', '--name', name, 'bb', 'true']);
  });
});

test('what we write is where Go nerdctl looks', async () => {
  const name = box.name();
  const id = await box.ok(['create', '--name', name, '-l', 'a=b', '-v', 'shared:/data', 'bb', 'true']);
  const labels = await labelsOf(id);
  assert.equal(labels['nerdctl/name'], name);
  assert.equal(labels['nerdctl/namespace'], box.namespace);
  assert.deepEqual(JSON.parse(labels['nerdctl/networks']!), ['bridge']);
  assert.equal(JSON.parse(labels['nerdctl/mounts.0']!).Name, 'shared');
  // Go nerdctl 2.1: without this label it removes a volume that is in use.
  assert.equal(JSON.parse(labels['nerdctl/mounts']!)[0].Name, 'shared');
  assert.equal(labels.a, 'b');
  const { Spec } = JSON.parse(await box.ctr(['containers', 'info', id]));
  const shown = Object.entries(labels).filter(([key]) => key.includes('nerdctl/'));
  assert.deepEqual(Spec.annotations, Object.fromEntries(shown));
  const state = labels['nerdctl/state-dir']!;
  assert.equal(JSON.parse(readFileSync(join(state, 'log-config.json'), 'utf8')).driver, 'json-file');
  const store = join(state, '../../..');
  const placesOf = (each: string) => [join(store, 'names', box.namespace, each), join(store, box.namespace, each)];
  for (const place of placesOf(name)) assert.equal(readFileSync(place, 'utf8'), id);
  const renamed = box.name('renamed');
  await box.ok(['rename', name, renamed]);
  for (const place of placesOf(renamed)) assert.equal(readFileSync(place, 'utf8'), id);
  for (const place of placesOf(name)) assert.equal(existsSync(place), false);
  for (const place of placesOf(name)) {
    writeFileSync(place, id);
    await box.fails(['create', '--name', name, 'bb', 'true'], 1, /is already in use by container/);
    rmSync(place);
  }
  assert.deepEqual(readdirSync(join(store, 'volumes', box.namespace, 'shared')).sort(), ['_data', 'volume.json']);
  await box.ok(['rm', renamed]);
  for (const place of placesOf(renamed)) assert.equal(existsSync(place), false);
  await box.ok(['volume', 'rm', 'shared']);
});
