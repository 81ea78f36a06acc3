import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCache } from '../../../src/cni/cache.ts';
import { addToNetwork, commonArgs, removeFromNetwork } from '../../../src/cni/chain.ts';
import type { ConfList, PluginConf } from '../../../src/cni/conflist.ts';
import { isDockerError } from '../../../src/docker/errors.ts';

const path = new URL('../fixtures/cni-plugins', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'nerdctl-plugins-'));
after(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;

function network(...plugins: PluginConf[]): ConfList {
  return { cniVersion: '1.0.0', name: `plugintest${count++}`, plugins };
}

function attachment(capabilityArgs: Record<string, unknown> = {}) {
  return {
    containerId: 'plugintest-aa',
    netns: '/proc/self/ns/net',
    ifName: 'eth0',
    args: [...commonArgs, ['MAC', '02:00:00:00:00:01']] as [string, string][],
    capabilityArgs,
  };
}

interface Call {
  command: string;
  id: string;
  netns: string;
  ifName: string;
  args: string;
  input: Record<string, unknown>;
}

function calls(record: string): Call[] {
  const lines = readFileSync(record, 'utf8').trim().split('\n');
  return Array.from({ length: lines.length / 2 }, (_, i) => {
    const [command = '', id = '', netns = '', ifName = '', args = ''] = lines[2 * i]!.split(' ');
    return { command, id, netns, ifName, args, input: JSON.parse(lines[2 * i + 1]!) as Record<string, unknown> };
  });
}

test('a chain: environment, runtimeConfig, prevResult, order, cache', async () => {
  const record = join(dir, 'chain');
  const list = network(
    { type: 'recording', recordTo: record, who: 'first' },
    { type: 'recording', recordTo: record, who: 'second', capabilities: { portMappings: true, ips: false } },
  );
  const host = { path: `/nowhere:${path}`, timeout: 10_000, cacheDir: dir };
  const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '' }];
  const a = attachment({ portMappings, ips: ['192.0.2.2'] });
  const result = await addToNetwork(host, list, a);
  assert.equal(result.ips?.[0]?.address, '192.0.2.2/24');
  assert.deepEqual(readCache(list.name, a.containerId, 'eth0', dir)?.result, result);
  await removeFromNetwork(host, list, a);
  assert.equal(readCache(list.name, a.containerId, 'eth0', dir), undefined);

  const seen = calls(record);
  assert.deepEqual(
    seen.map(({ command, input }) => `${command} ${input.who}`),
    ['ADD first', 'ADD second', 'DEL second', 'DEL first'],
  );
  const [first, second, del] = seen;
  assert.equal(first?.args, 'IgnoreUnknown=1;MAC=02:00:00:00:00:01');
  assert.equal(first?.id, a.containerId);
  assert.equal(first?.input.name, list.name);
  assert.equal(first?.input.prevResult, undefined);
  assert.equal(first?.input.runtimeConfig, undefined);
  assert.deepEqual(second?.input.runtimeConfig, { portMappings });
  assert.equal(second?.input.capabilities, undefined);
  assert.deepEqual(second?.input.prevResult, result);
  // DEL gets what ADD was given and gave, from the cache.
  assert.deepEqual(del?.input.runtimeConfig, { portMappings });
  assert.deepEqual(del?.input.prevResult, result);
});

test('DEL of what was never added, and with the namespace gone', async () => {
  const record = join(dir, 'del');
  const list = network({ type: 'recording', recordTo: record });
  const host = { path, timeout: 10_000, cacheDir: dir };
  await removeFromNetwork(host, list, { ...attachment(), netns: '/run/netns/not-there' });
  const [call] = calls(record);
  assert.equal(call?.command, 'DEL');
  assert.equal(call?.netns, '');
});

test('DEL uses the configuration of the time of ADD', async () => {
  const record = join(dir, 'changed');
  const list = network({ type: 'recording', recordTo: record, version: 1 });
  const host = { path, timeout: 10_000, cacheDir: dir };
  await addToNetwork(host, list, attachment());
  await removeFromNetwork(
    host,
    { ...list, plugins: [{ type: 'recording', recordTo: record, version: 2 }] },
    attachment(),
  );
  assert.deepEqual(
    calls(record).map(({ input }) => input.version),
    [1, 1],
  );
});

test('plugins with nothing to do are not started', async () => {
  const record = join(dir, 'idle');
  const list = network(
    { type: 'recording', recordTo: record },
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'tuning' },
  );
  const host = { path, timeout: 10_000, cacheDir: dir };
  const a = { ...attachment(), args: [...commonArgs] as [string, string][] };
  // Neither portmap nor tuning exists in this directory.
  await addToNetwork(host, list, a);
  await removeFromNetwork(host, list, a);
  await assert.rejects(addToNetwork(host, list, attachment()), /CNI plugin "tuning" not found/);
  await assert.rejects(removeFromNetwork(host, list, attachment()), /CNI plugin "tuning" not found/);
  // The rest of the chain was torn down all the same.
  assert.equal(calls(record).filter(({ command }) => command === 'DEL').length, 2);
});

test('plugins that misbehave give one clear sentence', async () => {
  const cases: [type: string, RegExp][] = [
    [
      'absent',
      /^CNI plugin "absent" not found in \/nowhere, \S+cni-plugins: install the package containernetworking-plugins, or/,
    ],
    ['hanging', /^CNI plugin "hanging" \(\S+\) did not answer to ADD within 0\.5 seconds and was killed$/],
    ['garbled', /^CNI plugin "garbled" \(\S+\) answered to ADD with something that is not JSON: this is no JSON$/],
    ['erroring', /^CNI plugin "erroring" failed: try again: no link$/],
    ['dying', /^CNI plugin "dying" \(\S+\) was killed by SIGSEGV on ADD: panic: out of luck$/],
  ];
  await Promise.all(
    cases.map(async ([type, message]) => {
      const list = network({ type });
      const host = { path: `/nowhere:${path}`, timeout: 500, cacheDir: dir };
      await assert.rejects(addToNetwork(host, list, attachment()), (error: unknown) => {
        assert.ok(isDockerError(error, 'system'));
        assert.match(error.message, message);
        return true;
      });
      // What a failed ADD began is found by DEL; with a plugin that is not there none begins.
      const cached = readCache(list.name, attachment().containerId, 'eth0', dir);
      assert.equal(cached !== undefined, type !== 'absent');
    }),
  );
});

test('an interrupted ADD ends at once', async () => {
  const list = network({ type: 'hanging' });
  const interrupt = new AbortController();
  const adding = addToNetwork({ path, timeout: 60_000, cacheDir: dir }, list, attachment(), interrupt.signal);
  interrupt.abort(new Error('interrupted'));
  await assert.rejects(adding, /interrupted/);
});
