import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readCachesOf } from '../../src/cni/cache.ts';
import type { PortBinding } from '../../src/docker/flags/ports.ts';
import { attachNetworks } from '../../src/engine/network/attach.ts';
import { createNetwork } from '../../src/engine/network/create.ts';
import { detachNetworks } from '../../src/engine/network/detach.ts';
import { readEndpoints } from '../../src/engine/network/endpoint.ts';
import { healNetworks } from '../../src/engine/network/heal.ts';
import { removeHosts } from '../../src/engine/network/hosts.ts';
import { inspectNetwork } from '../../src/engine/network/inspect.ts';
import { reservePorts } from '../../src/engine/network/ports.ts';
import { removeNetwork } from '../../src/engine/network/remove.ts';
import { networkTestEngine } from '../contract/fixtures/network-engine.ts';

// The real plugins, namespaces and iptables, without containerd: names, bridges and subnets of its own.
const tag = `np${process.pid % 10_000}`;
const fakePlugins = new URL('../contract/fixtures/cni-plugins', import.meta.url).pathname;
const world = networkTestEngine({ namespace: tag });
const { engine, running } = world;
const network = `${tag}a`;
const second = `${tag}b`;
const labels = (...names: string[]) => ({ 'nerdctl/networks': JSON.stringify(names) });

before(async () => {
  await createNetwork(engine, { Name: network, Options: { 'com.docker.network.bridge.name': `${tag}br0` } });
  await createNetwork(engine, {
    Name: second,
    EnableIPv6: true,
    Options: { 'com.docker.network.bridge.name': `${tag}br1`, 'com.docker.network.driver.mtu': '1400' },
  });
});

after(async () => {
  await Promise.all([removeNetwork(engine, network), removeNetwork(engine, second)]);
  world.close();
  assert.deepEqual(traces(), []);
});

function output(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Everything on the machine that bears one of our names. */
function traces(mark = tag): string[] {
  const list = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  const lines = [
    ...output('iptables-save').split('\n'),
    ...output('ip6tables-save').split('\n'),
    ...output('ip', '-br', 'link').split('\n'),
    ...list('/var/lib/cni/results'),
    ...list('/var/lib/cni/networks'),
    ...list('/run/nerdctl/ports'),
  ];
  return lines.filter((line) => line.includes(mark));
}

const veths = () =>
  output('ip', '-br', 'link')
    .split('\n')
    .filter((line) => line.startsWith('veth')).length;

async function attach(
  id: string,
  options: {
    networks?: { name: string; ip?: string; mac?: string; aliases?: string[] }[];
    ports?: Record<string, PortBinding[]>;
  } = {},
) {
  const networks = (options.networks ?? [{ name: network }]).map((n) => ({ aliases: [], ...n }));
  const name = `c${id.slice(0, 4)}`;
  const netnsPath = `/run/netns/nerdctl-${id}`;
  const names = networks.map((n) => n.name);
  const portMappings = await reservePorts(engine, { id, name, networks: names, bindings: options.ports ?? {} });
  await engine.host.createNetns(netnsPath);
  running.add(id);
  return attachNetworks(engine, {
    id,
    name,
    hostname: `h${id.slice(0, 4)}`,
    domainname: '',
    netnsPath,
    networks,
    portMappings,
    extraHosts: ['gate:host-gateway'],
  });
}

async function drop(id: string, ...names: string[]): Promise<void> {
  running.delete(id);
  await detachNetworks(engine, { id, labels: labels(...(names.length > 0 ? names : [network])) });
  await removeHosts(engine, id);
}

const newId = () => randomBytes(32).toString('hex');
const inNetns = (id: string, ...command: string[]) => output('ip', 'netns', 'exec', `nerdctl-${id}`, ...command);

test('two networks, fixed address and MAC, names, and nothing left', async () => {
  const [a, b, late] = [newId(), newId(), newId()];
  const inspected = await inspectNetwork(engine, network);
  const [pool] = inspected.IPAM.Config ?? [];
  const ip = pool?.Subnet.replace('.0/24', '.77') ?? '';
  const endpoints = await attach(a, {
    networks: [{ name: network, ip, mac: '02:00:00:00:77:01', aliases: ['db'] }, { name: second }],
  });
  await attach(b, { networks: [{ name: network }] });
  assert.equal(endpoints[0]?.ip, ip);
  assert.equal(endpoints[0]?.mac, '02:00:00:00:77:01');
  assert.match(endpoints[1]?.ip6 ?? '', /^fd/);
  assert.deepEqual(readEndpoints(engine, a), endpoints);
  const links = inNetns(a, 'ip', '-o', 'link');
  assert.match(links, /eth0.*02:00:00:00:77:01/);
  assert.match(links, /eth1.* mtu 1400 /);

  const hosts = (id: string) => readFileSync(join(engine.store.etchosts, id, 'hosts'), 'utf8');
  const line =
    hosts(b)
      .split('\n')
      .find((text) => text.startsWith(`${ip}\t`)) ?? '';
  for (const name of [`h${a.slice(0, 4)}`, `c${a.slice(0, 4)}`, a.slice(0, 12), 'db'])
    assert.ok(line.includes(name), name);
  assert.match(hosts(b), new RegExp(`^${pool?.Gateway}\tgate$`, 'm'));
  assert.deepEqual(Object.keys((await inspectNetwork(engine, network)).Containers).sort(), [a, b].sort());
  await assert.rejects(
    removeNetwork(engine, network),
    /error while removing network: network \S+ id \w+ has active endpoints/,
  );
  await assert.rejects(attach(late, { networks: [{ name: network, ip }] }), /^DockerError: Address already in use$/);

  await drop(a, network, second);
  assert.ok(!hosts(b).includes(`${ip}\t`));
  await Promise.all([drop(b), drop(late)]);
  await drop(b);
});

test('detach with the namespace gone, the cached result missing, or both, leaves nothing', async () => {
  const clean = [traces(`${tag}-`).length, veths()];
  for (const lost of ['namespace', 'cache', 'both']) {
    const id = newId();
    await attach(id, { ports: { '80/tcp': [{ HostIp: '', HostPort: '' }] } });
    assert.ok(traces(`${tag}-${id}`).length > 0);
    if (lost !== 'cache') await engine.host.removeNetns(`/run/netns/nerdctl-${id}`);
    if (lost !== 'namespace') rmSync(`/var/lib/cni/results/${network}-${tag}-${id}-eth0`);
    await drop(id);
    assert.deepEqual([traces(`${tag}-`).length, veths()], clean, lost);
    const chains = output('iptables-save')
      .split('\n')
      .filter((rule) => rule.includes(readSubnet()));
    assert.deepEqual(chains, [], lost);
  }
});

/** The first three octets of the first network. */
function readSubnet(): string {
  const file = join(world.dir, 'net.d', tag, `nerdctl-${network}.conflist`);
  return /"subnet": "(\d+\.\d+\.\d+)\./.exec(readFileSync(file, 'utf8'))?.[1] ?? 'none';
}

test('an interrupted attach leaves nothing', async () => {
  const other = networkTestEngine({ namespace: tag, dir: world.dir });
  try {
    const id = newId();
    await other.engine.host.createNetns(`/run/netns/nerdctl-${id}`);
    const attaching = attachNetworks(other.engine, {
      id,
      name: 'cut',
      hostname: 'cut',
      domainname: '',
      netnsPath: `/run/netns/nerdctl-${id}`,
      networks: [{ name: network, aliases: [] }],
      portMappings: [{ HostPort: 39999, ContainerPort: 80, Protocol: 'tcp', HostIP: '' }],
      extraHosts: [],
    });
    setTimeout(() => other.abort.abort(new Error('interrupted')), 60);
    // Plugins under way may end, so the attach may have: whoever interrupted it takes it back either way.
    await attaching.catch((error: unknown) => assert.match(String(error), /interrupted/));
    await detachNetworks(other.engine, { id, labels: labels(network) });
    assert.deepEqual(traces(id), []);
    assert.ok(!existsSync(`/run/netns/nerdctl-${id}`));
  } finally {
    other.close();
  }
});

test('one port, many at once: exactly one gets it', async () => {
  const ids = Array.from({ length: 6 }, newId);
  const port = 30_000 + (process.pid % 2_000);
  const results = await Promise.allSettled(
    ids.map((id) => attach(id, { ports: { '80/tcp': [{ HostIp: '', HostPort: String(port) }] } })),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const result of results) {
    if (result.status === 'rejected') {
      assert.match(
        String(result.reason),
        new RegExp(
          `driver failed programming external connectivity on endpoint c\\w+ \\(\\w{64}\\): Bind for 0.0.0.0:${port} failed: port is already allocated`,
        ),
      );
    }
  }
  await Promise.all(ids.map((id) => drop(id)));
});

test('ten at once, with ports of their own choice: all different, nothing left', async () => {
  const before = [traces(`${tag}-`).length, veths()];
  const ids = Array.from({ length: 10 }, newId);
  const all = await Promise.all(
    ids.map((id) => attach(id, { ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } })),
  );
  assert.equal(new Set(all.map(([endpoint]) => endpoint?.ip)).size, 10);
  const ports = output('iptables-save', '-t', 'nat')
    .split('\n')
    .filter((rule) => rule.includes(tag) && rule.includes('--dports'));
  assert.equal(new Set(ports.map((rule) => /--dports (\d+)/.exec(rule)?.[1])).size, 10);
  await Promise.all(ids.map((id) => drop(id)));
  assert.deepEqual([traces(`${tag}-`).length, veths()], before);
});

test('a DEL that fails is finished by a later command', async () => {
  const flag = join(world.dir, 'busy');
  writeFileSync(flag, '');
  mkdirSync(join(world.dir, 'net.d', tag), { recursive: true });
  const file = join(world.dir, 'net.d', tag, 'fake.conflist');
  const plugins = [{ type: 'add-only', failWhile: flag }];
  writeFileSync(file, JSON.stringify({ cniVersion: '1.0.0', name: `${tag}fake`, plugins }));
  const fake = { ...engine, settings: { ...engine.settings, cniPath: fakePlugins } };
  const id = newId();
  const containerId = `${tag}-${id}`;
  await attachNetworks(fake, {
    id,
    name: 'x',
    hostname: 'x',
    domainname: '',
    netnsPath: '/proc/self/ns/net',
    networks: [{ name: `${tag}fake`, aliases: [] }],
    portMappings: [],
    extraHosts: [],
  });
  await detachNetworks(fake, { id, labels: labels(`${tag}fake`) });
  assert.equal(readCachesOf(containerId).length, 1);
  const record = join(engine.store.root, 'network-failures', tag, id);
  const { error } = JSON.parse(readFileSync(record, 'utf8')) as { error: string };
  assert.equal(error, 'CNI plugin "add-only" failed: device is busy');

  const due = () => {
    const entry = JSON.parse(readFileSync(record, 'utf8')) as object;
    writeFileSync(record, JSON.stringify({ ...entry, nextAttempt: 0 }));
  };
  due();
  await healNetworks(fake);
  assert.ok(existsSync(record));
  due();
  rmSync(flag);
  await healNetworks(fake);
  assert.ok(!existsSync(record));
  assert.equal(readCachesOf(containerId).length, 0);
  await removeHosts(fake, id);
  rmSync(file);
});
