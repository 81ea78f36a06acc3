import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCidr, parseCidr } from '../../../src/cni/cidr.ts';
import { nextFreeIpv6Subnet, nextFreeSubnet, parseIpv6Addresses, parseRoutes } from '../../../src/cni/subnet.ts';

const blocks = (...texts: string[]) => texts.map((text) => parseCidr(text)!);

test('the next free subnet keeps clear of what is taken', () => {
  const cases: [string[], string | undefined][] = [
    [[], '10.4.1.0/24'],
    [['10.4.0.0/24', '10.4.1.0/24'], '10.4.2.0/24'],
    [['10.4.1.77/32'], '10.4.2.0/24'],
    [['10.4.0.0/16'], '10.5.0.0/24'],
    [['10.0.0.0/8'], undefined],
  ];
  for (const [taken, expected] of cases) assert.equal(nextFreeSubnet(blocks(...taken)), expected);
});

test('IPv6 subnets are unique local, stable, and move when taken', () => {
  const first = nextFreeIpv6Subnet('n', []);
  assert.match(first, /^fd[0-9a-f:]+::\/64$/);
  assert.equal(nextFreeIpv6Subnet('n', []), first);
  assert.notEqual(nextFreeIpv6Subnet('n', blocks(first)), first);
});

test("the kernel's tables", () => {
  const routes = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
br0\t0000B10A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  assert.deepEqual(parseRoutes(routes).map(formatCidr), ['10.177.0.0/24']);
  const addresses = 'fd000000000000000000000000000001 02 40 00 80     eth0\n';
  assert.deepEqual(parseIpv6Addresses(addresses).map(formatCidr), ['fd00::/64']);
});
