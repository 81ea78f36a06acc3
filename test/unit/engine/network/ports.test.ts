import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePorts, obstacleTo, type PortsInUse } from '../../../../src/engine/network/ports.ts';

const inUse: PortsInUse = {
  forwarded: [
    { protocol: 'tcp', address: '', first: 8080, last: 8080 },
    { protocol: 'tcp', address: '127.0.0.1', first: 9000, last: 9001 },
  ],
  listeners: [
    { protocol: 'tcp', address: '0.0.0.0', port: 22 },
    { protocol: 'tcp', address: '127.0.0.1', port: 5432 },
    { protocol: 'tcp', address: '::', port: 443 },
    { protocol: 'tcp', address: '::1', port: 631 },
    { protocol: 'udp', address: '0.0.0.0', port: 53 },
  ],
};

test("what stands in the way of a port, in docker's words", () => {
  const allocated = (address: string) => `Bind for ${address} failed: port is already allocated`;
  const used = (proto: string, address: string) =>
    `Error starting userland proxy: listen ${proto} ${address}: bind: address already in use`;
  const cases: [proto: string, ip: string, port: number, expected: string | undefined][] = [
    ['tcp', '', 8080, allocated('0.0.0.0:8080')],
    ['tcp', '127.0.0.1', 8080, allocated('127.0.0.1:8080')],
    ['udp', '', 8080, undefined],
    ['tcp', '', 9001, allocated('0.0.0.0:9001')],
    ['tcp', '127.0.0.2', 9000, undefined],
    ['tcp', '', 22, used('tcp4', '0.0.0.0:22')],
    ['tcp', '127.0.0.1', 22, used('tcp4', '127.0.0.1:22')],
    ['tcp', '', 5432, used('tcp4', '0.0.0.0:5432')],
    ['tcp', '127.0.0.2', 5432, undefined],
    ['tcp', '', 443, used('tcp4', '0.0.0.0:443')],
    ['tcp', '::', 443, used('tcp6', '[::]:443')],
    ['tcp', '0.0.0.0', 631, undefined],
    ['udp', '', 53, used('udp4', '0.0.0.0:53')],
    ['udp', '', 54, undefined],
  ];
  for (const [proto, ip, port, expected] of cases) {
    assert.equal(obstacleTo(proto, ip, port, inUse), expected, `${ip}:${port}/${proto}`);
  }
});

test('host ports are chosen once each', () => {
  const none: PortsInUse = { forwarded: [], listeners: [] };
  const choose = (bindings: Record<string, { HostIp: string; HostPort: string }[]>, use = none, first = 0) =>
    choosePorts(bindings, use, 'web (id)', first).map(({ HostPort, ContainerPort }) => `${HostPort}:${ContainerPort}`);
  const any = { HostIp: '', HostPort: '' };
  assert.deepEqual(choose({ '80/tcp': [any], '81/tcp': [any] }), ['49153:80', '49154:81']);
  // An open port must not take the fixed one that comes after it.
  assert.deepEqual(choose({ '80/tcp': [any], '81/tcp': [{ HostIp: '', HostPort: '49153' }] }), [
    '49154:80',
    '49153:81',
  ]);
  assert.deepEqual(choose({ '80/tcp': [{ HostIp: '', HostPort: '8080-8090' }] }, inUse), ['8081:80']);
  // The search wraps around.
  assert.deepEqual(choose({ '80/tcp': [any], '81/tcp': [any] }, none, 60999 - 49153), ['60999:80', '49153:81']);
  const twice = { '80/tcp': [{ HostIp: '', HostPort: '70' }], '81/tcp': [{ HostIp: '', HostPort: '70' }] };
  assert.throws(() => choose(twice), /Bind for 0\.0\.0\.0:70 failed: port is already allocated/);
  assert.throws(
    () => choose({ '80/tcp': [{ HostIp: '', HostPort: '8080' }] }, inUse),
    /^DockerError: driver failed programming external connectivity on endpoint web \(id\): Bind for 0\.0\.0\.0:8080 failed/,
  );
  assert.throws(
    () => choose({ '80/tcp': [{ HostIp: '203.0.113.9', HostPort: '8080' }] }),
    /listen tcp4 203\.0\.113\.9:8080: bind: cannot assign requested address/,
  );
});
