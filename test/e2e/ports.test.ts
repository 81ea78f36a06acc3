import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { fetchPage, openBox } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';
import { eventually } from '../harness/eventually.ts';

const box = openBox(import.meta.url);
const page = 'hello from the page\n';

test('-p publishes, ps and port and inspect show it, rm takes it back', async () => {
  await box.leavesNothing(async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, '-p', '8080:80', 'web']);
    assert.equal(await fetchPage(8080), page);
    assert.equal(await fetchPage(8080, '/', '192.0.2.10'), page);
    assert.match(await box.ok(['port', name]), /^80\/tcp -> 0\.0\.0\.0:8080/);
    assert.match(await box.ok(['port', name, '80']), /^0\.0\.0\.0:8080/);
    assert.match(
      await box.ok(['ps', '--format', '{{.Ports}}', '--filter', `name=${name}`]),
      /0\.0\.0\.0:8080->80\/tcp/,
    );
    const { Ports } = (await box.inspect<ContainerJson>(name)).NetworkSettings;
    assert.equal(Ports['80/tcp']?.[0]?.HostPort, '8080');
    await box.ok(['rm', '-f', name]);
  });
});

test('a published port survives stop and start', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, '-p', '8081:80', 'web']);
  assert.equal(await fetchPage(8081), page);
  await box.ok(['stop', '-t', '1', name]);
  await box.ok(['start', name]);
  assert.equal(await fetchPage(8081), page);
  await box.ok(['rm', '-f', name]);
});

const table: [flags: string[], ports: Record<string, RegExp>][] = [
  [['-p', '127.0.0.1:8090:80'], { '80/tcp': /^127\.0\.0\.1:8090$/ }],
  [['-p', '80'], { '80/tcp': /^0\.0\.0\.0:\d{5}$/ }],
  [['-p', '8091-8092:81-82'], { '81/tcp': /:8091$/, '82/tcp': /:8092$/ }],
  [['-p', '8093-8095:80'], { '80/tcp': /:809[345]$/ }],
  [['-p', '8096:53/udp'], { '53/udp': /:8096$/ }],
  [['-P'], { '80/tcp': /:\d{5}$/ }],
  [['-P', '--expose', '90-91'], { '80/tcp': /:\d{5}$/, '90/tcp': /:\d{5}$/, '91/tcp': /:\d{5}$/ }],
];
for (const [flags, ports] of table) {
  test(flags.join(' '), async () => {
    const name = box.name();
    await box.ok(['run', '-d', '--name', name, ...flags, 'web']);
    const shown = (await box.inspect<ContainerJson>(name)).NetworkSettings.Ports;
    for (const [port, at] of Object.entries(ports)) {
      const binding = shown[port]?.[0];
      assert.match(`${binding?.HostIp}:${binding?.HostPort}`, at, JSON.stringify(shown));
    }
    await box.ok(['rm', '-f', name]);
  });
}

test('udp arrives', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, '-p', '1230:123/udp', 'bb', ...idle]);
  const socket = createSocket('udp4');
  // busybox has no server for udp: the kernel counts in the container's namespace what arrives for a port without one.
  const refused = async () => {
    const rows = (await box.ok(['exec', name, 'grep', '^Udp:', '/proc/net/snmp']))
      .split('\n')
      .map((row) => row.split(' '));
    return Number(rows[1]![rows[0]!.indexOf('NoPorts')]);
  };
  try {
    assert.equal(await refused(), 0);
    await eventually(async () => {
      socket.send('datagram', 1230, '192.0.2.10');
      return (await refused()) > 0;
    }, 'a datagram');
  } finally {
    socket.close();
    await box.ok(['rm', '-f', name]);
  }
});

test('without ports NetworkSettings.Ports is an object', async () => {
  const name = box.name();
  await box.ok(['run', '-d', '--name', name, 'bb', ...idle]);
  assert.deepEqual((await box.inspect<ContainerJson>(name)).NetworkSettings.Ports, {});
  await box.fails(['port', name, '80'], 1, /No public port '80(\/tcp)?' published/);
  await box.ok(['rm', '-f', name]);
});
