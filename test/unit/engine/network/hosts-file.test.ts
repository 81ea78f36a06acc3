import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  extraHostsMap,
  type HostsMeta,
  hostsRegion,
  mergeHosts,
  namesOnNetwork,
} from '../../../../src/engine/network/hosts-file.ts';

const meta = (
  id: string,
  name: string,
  networks: Record<string, string>,
  more: Partial<HostsMeta> = {},
): HostsMeta => ({
  ID: id.repeat(64),
  Name: name,
  Hostname: `${name}-host`,
  ExtraHosts: {},
  Networks: Object.fromEntries(
    Object.entries(networks).map(([network, ip]) => [network, { cniVersion: '1.0.0', ips: [{ address: `${ip}/24` }] }]),
  ),
  ...more,
});

const own = ['127.0.0.1\tlocalhost localhost.localdomain', '::1\tlocalhost localhost.localdomain'];

test('names on a network', () => {
  const web = meta('a', 'web', {}, { Domainname: 'example.com', Aliases: { n1: ['www', 'web'] } });
  assert.deepEqual(namesOnNetwork('bridge', web), ['web-host.example.com', 'web-host', 'web']);
  assert.deepEqual(namesOnNetwork('n1', web), [
    'web-host.example.com',
    'web-host',
    'web-host.n1',
    'web',
    'web.n1',
    'aaaaaaaaaaaa',
    'www',
  ]);
});

test('a container sees itself first and the peers of its networks only', () => {
  const a = meta('b', 'a', { n1: '10.0.0.2' }, { ExtraHosts: { db: '10.9.9.9' } });
  const peer = meta('a', 'p', { n1: '10.0.0.3', n2: '10.0.1.3' });
  const stranger = meta('c', 's', { n2: '10.0.1.4' });
  const lines = hostsRegion(a, [stranger, peer, a]);
  assert.deepEqual(
    lines.map((line) => line.split(/[\t ]/)[0]),
    ['#', '127.0.0.1', '::1', '10.9.9.9', '10.0.0.2', '10.0.0.3', '#'],
  );
});

test('only the region is replaced', () => {
  const region = hostsRegion(meta('a', 'a', {}), []);
  const text = mergeHosts('', region);
  assert.equal(text, `${['# <nerdctl>', ...own, '# </nerdctl>'].join('\n')}\n`);
  assert.equal(mergeHosts(text, region), text);
  const edited = `${text}10.1.1.1 mine\n127.0.0.1 other\n`;
  assert.equal(mergeHosts(edited, region), `${text}10.1.1.1 mine\n`);
});

test('--add-host', () => {
  assert.deepEqual(extraHostsMap(['a:1.2.3.4', 'b:host-gateway', 'c:::1'], '10.4.0.1'), {
    a: '1.2.3.4',
    b: '10.4.0.1',
    c: '::1',
  });
});
