import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readCache } from '../../src/cni/cache.ts';
import { addToNetwork, commonArgs, removeFromNetwork } from '../../src/cni/chain.ts';
import { generateConfList, type NetworkConf } from '../../src/cni/generate.ts';
import { removeRules } from '../../src/cni/own-rules.ts';
import { pluginVersion } from '../../src/cni/plugin-version.ts';
import type { CniPort } from '../../src/cni/rules.ts';
import { findProgram } from '../harness/engines.ts';

// Each attachment in a machine of its own, which is a network namespace: our rules are those that the plugins make there.
const tag = `nr${process.pid % 10_000}`;
const leases = `/var/lib/cni/networks/${tag}`;
const dir = mkdtempSync(join(tmpdir(), 'nerdctl-rules-'));
const path = process.env.PATH ?? '';
after(() => {
  process.env.PATH = path;
  rmSync(dir, { recursive: true, force: true });
});

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
const port = (hostPort: number, protocol = 'tcp', hostIP = '0.0.0.0', containerPort = 80): CniPort => ({
  hostPort,
  containerPort,
  protocol,
  hostIP,
});
const many = Array.from({ length: 17 }, (_, i) => port(9000 + i));

const cniPath = process.env.CNI_PATH ?? '/opt/cni/bin:/usr/lib/cni';
const firewall = findProgram('firewall', cniPath);
const [major] = (firewall === undefined ? undefined : await pluginVersion(firewall)) ?? [0];
const cases: { name: string; conf?: Partial<NetworkConf>; ports?: CniPort[]; skip?: string | false }[] = [
  { name: 'no ports' },
  { name: 'ports on all addresses and on one', ports: [port(8080), port(8443, 'tcp', '127.0.0.1', 443)] },
  { name: 'more ports than one match takes, and another protocol', ports: [...many, port(7000, 'sctp')] },
  {
    name: 'IPv6 beside IPv4',
    conf: { pools: [{ subnet: '10.231.7.0/24' }, { subnet: 'fd00:231:7::/64' }] },
    ports: [port(8080), port(8080, 'tcp', '::'), port(8081, 'tcp', '::1', 81)],
  },
  { name: 'UDP, which is left to the plugin', ports: [port(53, 'udp'), port(53)] },
  {
    name: 'no connections between containers',
    conf: { icc: false },
    ports: [port(8080)],
    skip: major < 1 && 'this machine lacks a firewall plugin that isolates containers',
  },
  { name: 'an internal network', conf: { internal: true } },
  { name: 'no masquerading', conf: { masquerade: false }, ports: [port(8080)] },
];

let count = 0;

/** Runs `body` in a fresh machine with a container's namespace. */
async function inMachine<T>(body: (machine: string, netns: string) => Promise<T>): Promise<T> {
  const [machine, container] = [`${tag}m${count}`, `${tag}c${count++}`];
  for (const name of [machine, container]) ip('netns', 'add', name);
  try {
    return await body(machine, `/run/netns/${container}`);
  } finally {
    for (const name of [machine, container]) ip('netns', 'delete', name);
    for (const lost of [join(dir, 'results'), leases]) rmSync(lost, { recursive: true, force: true });
  }
}

/** Rules and chains of the plugins, each with its table. */
function rules(machine: string): string[] {
  const lines = ['iptables-save', 'ip6tables-save'].flatMap((program) =>
    ip('netns', 'exec', machine, program).toString().split('\n'),
  );
  let table = '';
  const inTables = lines.flatMap((line) => {
    if (line.startsWith('*')) table = line;
    return /^(-A |:CNI)/.test(line) ? [`${table} ${line.replace(/ \[\d+:\d+\]$/, '')}`] : [];
  });
  // Plugins before 1.2 knew one policy only, and named it.
  const named = inTables.map((line) => line.replace('same-bridge|isolated', 'same-bridge'));
  const chains = named.filter((line) => line.includes(' :'));
  // The order of tables and chains means nothing, that of a chain's rules does.
  const order = (line: string) => line.split(' ').slice(0, 3).join(' ');
  const inChains = named
    .filter((line) => !chains.includes(line))
    .sort((a, b) => (order(a) === order(b) ? 0 : order(a) < order(b) ? -1 : 1));
  return [...chains.sort(), ...inChains];
}

async function attachIn(machine: string, netns: string, { conf, ports = [] }: (typeof cases)[number]) {
  const list = generateConfList({
    name: tag,
    driver: 'bridge',
    link: `${tag}br`,
    pools: [{ subnet: '10.231.7.0/24' }],
    internal: false,
    labels: {},
    masquerade: true,
    icc: true,
    ...conf,
  });
  const ips = list.plugins[0]!.ipam as { ranges: unknown[] };
  const host = {
    path: cniPath,
    timeout: 10_000,
    cacheDir: dir,
    inNetwork: ['ip', 'netns', 'exec', machine],
  };
  const attachment = {
    containerId: `ns-${'a1'.repeat(32)}`,
    netns,
    ifName: 'eth0',
    args: [...commonArgs],
    capabilityArgs: {
      ips: ips.ranges.length > 1 ? ['10.231.7.9', 'fd00:231:7::9'] : ['10.231.7.9'],
      ...(ports.length > 0 && { portMappings: ports }),
    },
  };
  await addToNetwork(host, list, attachment);
  return {
    ownRules: readCache(tag, attachment.containerId, 'eth0', dir)?.ownRules,
    result: readCache(tag, attachment.containerId, 'eth0', dir)?.result,
    routesLoopback: ip('netns', 'exec', machine, 'cat', `/proc/sys/net/ipv4/conf/${tag}br/route_localnet`).toString(),
    again: () => addToNetwork(host, list, attachment),
    remove: () => removeFromNetwork(host, list, attachment),
    removeRules: () => removeRules(host, list, attachment, undefined),
  };
}

/** Directories that go before the PATH: the plugins choose firewalld, or look for it, where we see its program. */
function programs(kind: string, withFirewalld: boolean): string {
  const bin = join(dir, `${kind}-${withFirewalld}`);
  mkdirSync(bin);
  for (const name of ['iptables', 'ip6tables'])
    for (const suffix of ['', '-save', '-restore'])
      symlinkSync(findProgram(`${name}-${kind}${suffix}`, path)!, join(bin, name + suffix));
  if (withFirewalld) symlinkSync('/bin/false', join(bin, 'firewalld'));
  return `${bin}:${path}`;
}

for (const kind of ['nft', 'legacy']) {
  const skip = findProgram(`iptables-${kind}`, path) === undefined && `this machine lacks iptables-${kind}`;
  describe(`with iptables-${kind}`, { skip }, () => {
    const paths = skip ? undefined : { plugins: programs(kind, true), own: programs(kind, false) };
    for (const each of cases) {
      test(`${each.name}: the rules of the plugins, and none after removal`, { skip: each.skip }, async () => {
        process.env.PATH = paths!.plugins;
        const theirs = await inMachine(async (machine, netns) => {
          const attached = await attachIn(machine, netns, each);
          const there = rules(machine);
          await attached.remove();
          return { there, left: rules(machine), ...attached };
        });
        process.env.PATH = paths!.own;
        await inMachine(async (machine, netns) => {
          const attached = await attachIn(machine, netns, each);
          assert.deepEqual([theirs.ownRules, attached.ownRules], [false, true]);
          assert.deepEqual(rules(machine), theirs.there);
          assert.equal(attached.routesLoopback, theirs.routesLoopback);
          await attached.remove();
          assert.deepEqual(rules(machine), theirs.left);
        });
      });
    }

    test('rules of a run that was killed are replaced; without a result they go by their names', async () => {
      process.env.PATH = paths!.own;
      await inMachine(async (machine, netns) => {
        const attached = await attachIn(machine, netns, { name: '', ports: [port(8080)] });
        const once = rules(machine);
        ip('netns', 'exec', netns.slice('/run/netns/'.length), 'ip', 'link', 'delete', 'eth0');
        rmSync(join(leases, '10.231.7.9'));
        await attached.again();
        assert.deepEqual(rules(machine), once);
        await attached.removeRules();
        assert.doesNotMatch(rules(machine).join('\n'), /a1a1/);
        await attached.remove();
        assert.doesNotMatch(rules(machine).join('\n'), /a1a1|10\.231\.7/);
      });
    });
  });
}
