import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDetachKeys } from '../../../src/docker/flags/detach-keys.ts';
import { parseEnvFile } from '../../../src/docker/flags/env.ts';
import { booleanFilter, checkFilterKeys, matchLabels, parseFilters } from '../../../src/docker/flags/filters.ts';
import { toPortMappings } from '../../../src/docker/flags/ports.ts';
import { checkRestartPolicy } from '../../../src/docker/flags/restart-policy.ts';
import { parseTmpfs, parseVolumeMode, parseVolumeSpec } from '../../../src/docker/flags/volumes.ts';
import { formatGoDuration, humanDuration, parseGoDuration } from '../../../src/docker/values/durations.ts';
import { isIp, parseMacAddress } from '../../../src/docker/values/ip.ts';
import { signalName, signalNumber } from '../../../src/docker/values/signals.ts';
import { formatRfc3339Nano, parseRfc3339, parseTimestamp } from '../../../src/docker/values/time.ts';
import { bytesSize, humanSize, humanSizeWithPrecision } from '../../../src/docker/values/units.ts';
import { displayCommand } from '../../../src/docker/views/container-list.ts';
import { displayPorts, portLines, portMap } from '../../../src/docker/views/ports.ts';

const message = (text: string): { message: string } => ({ message: text });

test('sizes for people', () => {
  const sizes: [number, string][] = [
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [1_982_277, '1.982MB'],
    [123_456_789, '123.5MB'],
    [1e15, '1PB'],
  ];
  for (const [bytes, text] of sizes) assert.equal(humanSize(bytes), text);
  assert.equal(humanSizeWithPrecision(1_982_277, 3), '1.98MB');
  assert.equal(bytesSize(1536), '1.5KiB');
  assert.equal(bytesSize(8_360_000_000), '7.786GiB');
});

test('spans of time for people', () => {
  const second = 1000;
  const hour = 3600 * second;
  const spans: [number, string][] = [
    [450, 'Less than a second'],
    [second, '1 second'],
    [59 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [119 * second, 'About a minute'],
    [3 * 60 * second, '3 minutes'],
    [hour, 'About an hour'],
    [1.6 * hour, '2 hours'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [14 * 24 * hour, '2 weeks'],
    [60 * 24 * hour, '2 months'],
    [2 * 365 * 24 * hour, '2 years'],
  ];
  for (const [millis, text] of spans) assert.equal(humanDuration(millis), text);
});

test('Go durations', () => {
  for (const text of ['0s', '1ns', '1.5µs', '100ms', '1.5s', '1m0s', '1h0m0s', '26h3m4.005s', '-2ms']) {
    assert.equal(formatGoDuration(parseGoDuration(text)), text);
  }
  assert.equal(parseGoDuration('1.5h'), 5_400_000_000_000n);
  assert.throws(() => parseGoDuration('x'), message('time: invalid duration "x"'));
  assert.throws(() => parseGoDuration('1'), message('time: missing unit in duration "1"'));
  assert.throws(() => parseGoDuration('1y'), message('time: unknown unit "y" in duration "1y"'));
});

test('times keep nanoseconds', () => {
  const text = '2026-11-21T03:18:41.286957842Z';
  const nanos = parseRfc3339(text);
  assert.equal(formatRfc3339Nano(nanos ?? 0n), text);
  assert.equal(formatRfc3339Nano(new Date(1500)), '1970-01-01T00:00:01.5Z');
  assert.equal(formatRfc3339Nano(1_000_000_000n), '1970-01-01T00:00:01Z');
  assert.equal(parseRfc3339('2026-11-21T03:18:41+01:00'), parseRfc3339('2026-11-21T02:18:41Z'));
  assert.equal(parseRfc3339('yesterday'), undefined);
});

test('--since and --until', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;
  assert.equal(parseTimestamp('10m', now), at('2026-01-01T23:50:00Z'));
  assert.equal(parseTimestamp('1136073845.000000001', now), 1_136_073_845_000_000_001n);
  assert.equal(parseTimestamp('2026-01-01', now), at('2026-01-01T00:00:00Z'));
  assert.equal(
    parseTimestamp('2026-01-01T10:11', now, () => 60),
    at('2026-01-01T09:11:00Z'),
  );
  assert.equal(parseTimestamp('2026-01-01T10:11:12.5+02:00', now), at('2026-01-01T08:11:12.5Z'));
  assert.throws(() => parseTimestamp('soon', now), message('failed to parse value as time or duration: "soon"'));
});

test('signals', () => {
  const numbers: [string, number][] = [
    ['9', 9],
    ['KILL', 9],
    ['sigterm', 15],
    ['SIGRTMIN+3', 37],
    ['RTMAX-1', 63],
  ];
  for (const [text, number] of numbers) assert.equal(signalNumber(text), number);
  for (const text of ['0', '65', 'FOO', '', '-9', 'RTMIN+99']) {
    assert.throws(() => signalNumber(text), message(`invalid signal: ${text}`));
  }
  assert.deepEqual([6, 29, 37, 33].map(signalName), ['SIGABRT', 'SIGIO', 'SIGRTMIN+3', undefined]);
});

test('addresses', () => {
  for (const text of ['0.0.0.0', '255.1.2.3', '::', '::1', 'fe80::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1::8']) {
    assert.ok(isIp(text), text);
  }
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    ':::',
    '1:2:3:4:5:6:7',
    '1::2::3',
    'g::',
    '1:2:3:4:5:6:7:8:9',
  ]) {
    assert.ok(!isIp(text), text);
  }
  assert.equal(parseMacAddress('02-00-AB-00-00-01'), '02:00:ab:00:00:01');
  assert.equal(parseMacAddress('02:00'), undefined);
});

test('env files', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const lookup = (name: string): string | undefined => ({ HOME: '/root' })[name];
  assert.deepEqual(parseEnvFile(bytes('\uFEFFA=1\r\n# no\n\n  B= x \nHOME\nNOPE\nC="q"'), 'f', lookup), [
    'A=1',
    'B= x ',
    'HOME=/root',
    'C="q"',
  ]);
  assert.throws(
    () => parseEnvFile(bytes('A B=1'), 'f'),
    message("invalid env file (f): variable 'A B' contains whitespaces"),
  );
  assert.throws(() => parseEnvFile(bytes('=1'), 'f'), message("invalid env file (f): no variable name on line '=1'"));
  const bad = Uint8Array.from([65, 61, 255]);
  assert.throws(
    () => parseEnvFile(bad, 'f'),
    message('invalid env file (f): invalid utf8 bytes at line 1: [65 61 255]'),
  );
});

test('volume specifications', () => {
  assert.deepEqual(parseVolumeSpec('/a/../b:/c/:ro,z'), { source: '/b', target: '/c', mode: 'ro,z' });
  assert.deepEqual(parseVolumeSpec('data:/c'), { source: 'data', target: '/c', mode: '' });
  assert.deepEqual(parseVolumeSpec('/c'), { target: '/c', mode: '' });
  const mode = parseVolumeMode('ro,nocopy,rslave,Z');
  assert.deepEqual(mode, { readOnly: true, noCopy: true, propagation: 'rslave', relabel: 'Z' });
  const refused: [string, RegExp][] = [
    ['/a:/b:foo', /^invalid mode: foo$/],
    ['/a:/b:ro,rw', /^invalid mode: ro,rw$/],
    ['/a:/', /^invalid volume specification: '\/a:\/': .*destination can't be '\/'$/],
    ['/a:b', /mount path must be absolute$/],
    ['a/b:/c', /^create a\/b: "a\/b" includes invalid characters for a local volume name/],
    ['/a::/b', /^invalid volume specification: '\/a::\/b'$/],
  ];
  for (const [spec, sentence] of refused) assert.throws(() => parseVolumeSpec(spec), { message: sentence });
  assert.deepEqual(parseTmpfs(['/a', '/b:size=1m,ro']), { '/a': '', '/b': 'size=1m,ro' });
  assert.throws(() => parseTmpfs(['a']), message("invalid mount path: 'a' mount path must be absolute"));
});

test('restart policies that dockerd refuses', () => {
  for (const [Name, MaximumRetryCount] of [
    ['foo', 0],
    ['always', 3],
    ['on-failure', -1],
  ] as const) {
    assert.throws(() => checkRestartPolicy({ Name, MaximumRetryCount }), /^DockerError: invalid restart policy/);
  }
  checkRestartPolicy({ Name: 'on-failure', MaximumRetryCount: 3 });
});

test('filters', () => {
  const filters = parseFilters(['label=a=1', 'Label= b', 'name=x', 'name=x', '']);
  assert.deepEqual(
    [...filters],
    [
      ['label', ['a=1', 'b']],
      ['name', ['x']],
    ],
  );
  assert.throws(() => parseFilters(['x']), message('bad format of filter (expected name=value)'));
  assert.throws(() => checkFilterKeys(filters, ['name']), message("invalid filter 'label'"));
  assert.ok(matchLabels(['a=1', 'b'], { a: '1', b: '' }));
  assert.ok(!matchLabels(['a=2'], { a: '1' }));
  assert.equal(booleanFilter(parseFilters(['dangling=1']), 'dangling', false), true);
  assert.throws(
    () => booleanFilter(parseFilters(['dangling=x']), 'dangling', false),
    message("invalid filter 'dangling=[x]'"),
  );
});

test('detach keys', () => {
  assert.deepEqual([...parseDetachKeys('')], [16, 17]);
  assert.deepEqual([...parseDetachKeys('ctrl-a,x,ctrl-],ctrl-@')], [1, 120, 29, 0]);
  assert.throws(
    () => parseDetachKeys('ctrl-foo'),
    message("invalid detach keys (ctrl-foo): Unknown character: 'ctrl-foo'"),
  );
});

test('ports', () => {
  const port = (PrivatePort: number, PublicPort?: number, IP = '0.0.0.0', Type = 'tcp') =>
    PublicPort === undefined ? { PrivatePort, Type } : { IP, PrivatePort, PublicPort, Type };
  const shown: [ReturnType<typeof port>[], string][] = [
    [[], ''],
    [[port(80)], '80/tcp'],
    [[port(80), port(81), port(82), port(90)], '80-82/tcp, 90/tcp'],
    [[port(80, 80), port(81, 81)], '0.0.0.0:80-81->80-81/tcp'],
    [[port(80, 8080)], '0.0.0.0:8080->80/tcp'],
    [[port(80, 8080, '::1')], '[::1]:8080->80/tcp'],
    [[port(443), port(80, 8080)], '443/tcp, 0.0.0.0:8080->80/tcp'],
    [[port(53, 53, '0.0.0.0', 'udp'), port(53, 53)], '0.0.0.0:53->53/tcp, 0.0.0.0:53->53/udp'],
  ];
  for (const [ports, text] of shown) assert.equal(displayPorts(ports), text);
  const map = portMap([{ HostPort: 8080, ContainerPort: 80, Protocol: 'tcp', HostIP: '' }], { '443/tcp': {} });
  assert.deepEqual(map, { '443/tcp': null, '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] });
  assert.deepEqual(portLines(map), ['80/tcp -> 0.0.0.0:8080']);
  const bindings = { '80/tcp': [{ HostIp: '', HostPort: '' }], '81/udp': [{ HostIp: '::1', HostPort: '81' }] };
  assert.deepEqual(
    toPortMappings(bindings, () => 32768),
    [
      { HostPort: 32768, ContainerPort: 80, Protocol: 'tcp', HostIP: '' },
      { HostPort: 81, ContainerPort: 81, Protocol: 'udp', HostIP: '::1' },
    ],
  );
});

test('the command of a list', () => {
  assert.equal(displayCommand('sh', ['-c', 'exit 3']), "sh -c 'exit 3'");
  assert.equal(displayCommand('sh', []), 'sh');
});
