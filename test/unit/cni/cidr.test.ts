import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains, formatCidr, formatIp, overlaps, parseCidr, parseIp } from '../../../src/cni/cidr.ts';

test('addresses are read and written in their canonical form', () => {
  const cases: [string, string | undefined][] = [
    ['10.4.0.1', '10.4.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['010.4.0.1', undefined],
    ['10.4.0', undefined],
    ['::', '::'],
    ['::1', '::1'],
    ['fd00:0:0:1:0:0:0:1', 'fd00:0:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['1::2::3', undefined],
  ];
  for (const [text, expected] of cases) {
    const ip = parseIp(text);
    assert.equal(ip && formatIp(ip), expected, text);
  }
});

test('blocks lose their host bits and know what they contain', () => {
  assert.equal(formatCidr(parseCidr('10.4.3.7/22')!), '10.4.0.0/22');
  assert.equal(formatCidr(parseCidr('fd00::5/64')!), 'fd00::/64');
  for (const bad of ['10.4.0.0', '10.4.0.0/33', '10.4.0.0/', 'x/24', 'fd00::/129']) {
    assert.equal(parseCidr(bad), undefined, bad);
  }
  const block = parseCidr('10.4.0.0/24')!;
  assert.ok(contains(block, parseIp('10.4.0.255')!));
  assert.ok(!contains(block, parseIp('10.4.1.0')!));
  assert.ok(!contains(block, parseIp('::10.4.0.1')!));
  const pairs: [string, string, boolean][] = [
    ['10.4.0.0/24', '10.4.1.0/24', false],
    ['10.0.0.0/8', '10.4.1.0/24', true],
    ['10.4.0.0/24', 'fd00::/8', false],
  ];
  for (const [a, b, expected] of pairs) assert.equal(overlaps(parseCidr(a)!, parseCidr(b)!), expected, `${a} ${b}`);
});
