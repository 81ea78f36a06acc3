import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PoolFlags, poolConfigs } from '../../../../src/engine/network/pools.ts';

const none: PoolFlags = { subnets: [], gateways: [], ranges: [], auxAddresses: {} };

test('each address goes to its subnet', () => {
  const configs = poolConfigs({
    subnets: ['10.9.0.0/24', 'fd00:9::/64'],
    gateways: ['fd00:9::fe', '10.9.0.254'],
    ranges: ['10.9.0.64/26'],
    auxAddresses: { a: '10.9.0.70', b: 'fd00:9::70' },
  });
  assert.deepEqual(configs, [
    { Subnet: '10.9.0.0/24', IPRange: '10.9.0.64/26', Gateway: '10.9.0.254', AuxiliaryAddresses: { a: '10.9.0.70' } },
    { Subnet: 'fd00:9::/64', Gateway: 'fd00:9::fe', AuxiliaryAddresses: { b: 'fd00:9::70' } },
  ]);
  assert.deepEqual(poolConfigs(none), []);
});

test("what fits nowhere is refused in docker's words", () => {
  const subnets = ['10.9.0.0/24'];
  const cases: [Partial<PoolFlags>, string][] = [
    [{ gateways: ['10.9.0.1'] }, 'every ip-range or gateway must have a corresponding subnet'],
    [{ subnets: ['10.9.0.0'] }, 'invalid CIDR address: 10.9.0.0'],
    [{ subnets: ['10.9.0.0/24', '10.9.0.0/25'] }, 'multiple overlapping subnet configuration is not supported'],
    [{ subnets, gateways: ['10.8.0.1'] }, 'no matching subnet for gateway 10.8.0.1'],
    [{ subnets, ranges: ['10.8.0.0/28'] }, 'no matching subnet for range 10.8.0.0/28'],
    [{ subnets, auxAddresses: { a: '10.8.0.1' } }, 'no matching subnet for aux-address 10.8.0.1'],
    [
      { subnets, ranges: ['10.9.0.0/28', '10.9.0.16/28'] },
      'cannot configure multiple ranges (10.9.0.16/28, 10.9.0.0/28) on the same subnet (10.9.0.0/24)',
    ],
    [
      { subnets, gateways: ['10.9.0.1', '10.9.0.2'] },
      'cannot configure multiple gateways (10.9.0.2, 10.9.0.1) for the same subnet (10.9.0.0/24)',
    ],
  ];
  for (const [flags, message] of cases) {
    assert.throws(() => poolConfigs({ ...none, ...flags }), { message });
  }
});
