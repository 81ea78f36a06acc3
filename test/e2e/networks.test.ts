import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';

const box = openBox(import.meta.url);
const sh = (name: string, script: string) => box.ok(['exec', name, 'sh', '-c', script]);

test('network create, ls, inspect, rm', async () => {
  await box.leavesNothing(async () => {
    const name = box.name('net');
    const id = await box.ok([
      'network',
      'create',
      '--subnet',
      '10.77.0.0/24',
      '--gateway',
      '10.77.0.254',
      '-o',
      'com.docker.network.driver.mtu=1400',
      '--label',
      'a=b',
      name,
    ]);
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.match(await box.ok(['network', 'ls']), new RegExp(`${id.slice(0, 12)} +${name} +bridge`));
    const [network] = JSON.parse(await box.ok(['network', 'inspect', name]));
    assert.equal(network.Name, name);
    assert.deepEqual(network.IPAM.Config, [{ Subnet: '10.77.0.0/24', Gateway: '10.77.0.254' }]);
    assert.equal(network.Labels.a, 'b');
    const out = await box.ok([
      'run',
      '--rm',
      '--network',
      name,
      '--ip',
      '10.77.0.9',
      'bb',
      'sh',
      '-c',
      'ip -4 -o addr show eth0; ip route; cat /sys/class/net/eth0/mtu',
    ]);
    assert.match(out, /10\.77\.0\.9\/24[\s\S]*via 10\.77\.0\.254[\s\S]*1400/);
    await box.fails(['network', 'create', name], 1, /already exists/);
    assert.equal(await box.ok(['network', 'rm', name]), name);
  });
});

test('containers of one network reach each other by name and alias', async () => {
  await box.leavesNothing(async () => {
    const net = box.name('net');
    const [web, client] = [box.name('web'), box.name('client')];
    await box.ok(['network', 'create', net]);
    await box.ok(['run', '-d', '--name', client, '--network', net, 'bb', ...idle]);
    await box.ok(['run', '-d', '--name', web, '--network', net, '--network-alias', 'shop', 'web']);
    for (const host of [web, 'shop']) {
      assert.equal(await sh(client, `wget -q -O - http://${host}/`), 'hello from the page', host);
    }
    const { NetworkSettings } = await box.inspect<ContainerJson>(web);
    assert.match(NetworkSettings.Networks[net]?.IPAddress ?? '', /^\d+\./);
    await box.fails(['network', 'rm', net], 1, /has active endpoints|in use/);
    await box.ok(['rm', '-f', web, client]);
    await box.ok(['network', 'rm', net]);
  });
});

test('two networks do not see each other', async () => {
  const nets = [box.name('net'), box.name('net')];
  for (const net of nets) await box.ok(['network', 'create', net]);
  const [web, client] = [box.name('web'), box.name('client')];
  await box.ok(['run', '-d', '--name', web, '--network', nets[0]!, 'web']);
  await box.ok(['run', '-d', '--name', client, '--network', nets[1]!, 'bb', ...idle]);
  const ip = (await box.inspect<ContainerJson>(web)).NetworkSettings.Networks[nets[0]!]?.IPAddress;
  const result = await box.nerdctl(['exec', client, 'wget', '-q', '-T', '1', '-O', '-', `http://${ip}/`]);
  assert.notEqual(result.code, 0);
  await box.ok(['rm', '-f', web, client]);
  await box.ok(['network', 'rm', ...nets]);
});

test('container:X shares the network of a container', async () => {
  const web = box.name('web');
  await box.ok(['run', '-d', '--name', web, 'web']);
  assert.equal(
    await box.ok(['run', '--rm', '--network', `container:${web}`, 'bb', 'wget', '-q', '-O', '-', 'http://127.0.0.1/']),
    'hello from the page',
  );
  await box.ok(['rm', '-f', web]);
});

test('on the default bridge: an address, a route, hosts and resolv.conf', async () => {
  const out = await box.ok([
    'run',
    '--rm',
    '--name',
    'namely',
    '-h',
    'hostly',
    'bb',
    'sh',
    '-c',
    'ip -4 -o addr show eth0; ip route; cat /etc/hosts; cat /etc/resolv.conf',
  ]);
  assert.match(out, /inet 10\.4\.0\.\d+\/24/);
  assert.match(out, /default via 10\.4\.0\.1/);
  assert.match(out, /10\.4\.0\.\d+\s+hostly/);
  assert.match(out, /nameserver/);
});

test('the address is kept over a restart and given back at rm', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
  const before = (await box.inspect<ContainerJson>(name)).NetworkSettings;
  assert.ok(before.IPAddress || before.Networks.bridge?.IPAddress);
  await box.ok(['restart', name]);
  const after = (await box.inspect<ContainerJson>(name)).NetworkSettings;
  assert.ok(after.Networks.bridge?.IPAddress);
  await box.ok(['rm', '-f', name]);
});

test('the predefined networks are listed and stay', async () => {
  const names = (await box.ok(['network', 'ls', '--format', '{{.Name}}'])).split('\n');
  for (const name of ['bridge', 'host', 'none']) assert.ok(names.includes(name), name);
  for (const name of ['bridge', 'host']) await box.fails(['network', 'rm', name], 1, /pre-defined network/);
});
