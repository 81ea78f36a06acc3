import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeName, formatConfList, networkId, parseConfList, rangesOf } from '../../../src/cni/conflist.ts';
import { checkPools, generateConfList, type NetworkConf, type Pool, poolRanges } from '../../../src/cni/generate.ts';

const base: NetworkConf = {
  name: 'n1',
  driver: 'bridge',
  pools: [{ subnet: '10.4.1.0/24' }],
  internal: false,
  labels: {},
  masquerade: true,
  icc: true,
};

// The text that Go nerdctl writes for its default network, key for key.
const goDefaultNetwork = `{
  "cniVersion": "1.0.0",
  "name": "bridge",
  "nerdctlID": "17f29b073143d8cd97b5bbe492bdeffec1c5fee55cc1fe2112c8b9335f8b6121",
  "nerdctlLabels": {
    "nerdctl/default-network": "true"
  },
  "plugins": [
    {
      "type": "bridge",
      "bridge": "nerdctl0",
      "isGateway": true,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": {
        "ranges": [
          [
            {
              "gateway": "10.4.0.1",
              "subnet": "10.4.0.0/24"
            }
          ]
        ],
        "routes": [
          {
            "dst": "0.0.0.0/0"
          }
        ],
        "type": "host-local"
      },
      "capabilities": {
        "ips": true
      }
    },
    {
      "type": "portmap",
      "capabilities": {
        "portMappings": true
      }
    },
    {
      "type": "firewall",
      "ingressPolicy": "same-bridge"
    },
    {
      "type": "tuning"
    }
  ]
}`;

test('the default network is written as Go nerdctl writes it', () => {
  const list = generateConfList({
    ...base,
    name: 'bridge',
    link: 'nerdctl0',
    pools: [{ subnet: '10.4.0.0/24', gateway: '10.4.0.1' }],
    labels: { 'nerdctl/default-network': 'true' },
  });
  assert.equal(formatConfList(list), goDefaultNetwork);
  assert.deepEqual(parseConfList(goDefaultNetwork, 'x'), list);
});

test('options of a network end where the plugins look for them', () => {
  const internal = generateConfList({ ...base, internal: true, mtu: 1400 });
  assert.deepEqual(
    internal.plugins.map(({ type }) => type),
    ['bridge', 'firewall', 'tuning'],
  );
  assert.equal(internal.plugins[0]?.isGateway, undefined);
  assert.equal(internal.plugins[0]?.mtu, 1400);
  assert.equal(bridgeName(internal), `br-${networkId('n1').slice(0, 12)}`);
  const dual = generateConfList({ ...base, pools: [{ subnet: '10.9.0.0/24' }, { subnet: 'fd00:9::/64' }] });
  assert.deepEqual(
    rangesOf(dual).map(({ gateway }) => gateway),
    ['10.9.0.1', 'fd00:9::1'],
  );
  const macvlan = generateConfList({ ...base, driver: 'macvlan', link: 'eth7', mode: 'bridge' });
  assert.deepEqual(Object.keys(macvlan.plugins[0]!), ['type', 'master', 'mode', 'ipam', 'capabilities']);
  assert.equal(macvlan.plugins.length, 1);
});

test('auxiliary addresses cut the range', () => {
  const ranges = (pool: Pool) => poolRanges(pool).map(({ rangeStart, rangeEnd }) => `${rangeStart}-${rangeEnd}`);
  assert.deepEqual(ranges({ subnet: '10.9.0.0/29', auxAddresses: { a: '10.9.0.3' } }), [
    '10.9.0.2-10.9.0.2',
    '10.9.0.4-10.9.0.6',
  ]);
  assert.deepEqual(ranges({ subnet: '10.9.0.0/24', ipRange: '10.9.0.64/30' }), ['10.9.0.64-10.9.0.67']);
  assert.deepEqual(ranges({ subnet: '10.9.0.0/24', ipRange: '10.9.0.64/30', auxAddresses: { a: '10.9.0.64' } }), [
    '10.9.0.65-10.9.0.67',
  ]);
  assert.throws(
    () => poolRanges({ subnet: '10.9.0.0/30', auxAddresses: { a: '10.9.0.2' } }),
    /no address is left in 10\.9\.0\.0\/30/,
  );
});

test("pools that cannot be are refused in docker's words", () => {
  const cases: [Pool[], RegExp][] = [
    [[{ subnet: '10.9.0.0' }], /^DockerError: invalid subnet 10\.9\.0\.0 : invalid CIDR/],
    [[{ subnet: '10.9.0.0/24' }, { subnet: '10.9.0.128/25' }], /multiple overlapping subnet configuration/],
    [[{ subnet: '10.9.0.0/24', gateway: '10.8.0.1' }], /no matching subnet for gateway 10\.8\.0\.1/],
    [[{ subnet: '10.9.0.0/24', ipRange: '10.8.0.0/28' }], /no matching subnet for range 10\.8\.0\.0\/28/],
    [[{ subnet: '10.9.0.0/24', auxAddresses: { a: '10.8.0.1' } }], /no matching subnet for aux-address 10\.8\.0\.1/],
  ];
  for (const [pools, message] of cases) assert.throws(() => checkPools(pools), message);
});

test('foreign and broken files', () => {
  const single = parseConfList('{"name":"x","type":"bridge","bridge":"b0"}', 'x.conf');
  assert.deepEqual(single.plugins[0]?.type, 'bridge');
  assert.equal(single.cniVersion, '0.2.0');
  const cases: [string, RegExp][] = [
    ['{', /f is not valid JSON/],
    ['{"plugins":[]}', /f has no name/],
    ['{"name":"x","plugins":[]}', /without a type/],
    ['{"name":"x","plugins":[{"type":"../../bin/sh"}]}', /without a type/],
    ['[]', /f has no name/],
  ];
  for (const [text, message] of cases) assert.throws(() => parseConfList(text, 'f'), message);
});
