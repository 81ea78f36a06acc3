import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardedPorts } from '../../../src/cni/iptables.ts';
import { parseRules, ruleScript } from '../../../src/cni/rule-script.ts';
import { portmapChain } from '../../../src/cni/rules.ts';

const saved = `*nat
:PREROUTING ACCEPT [0:0]
:CNI-DN-83607654ff6e32c0ffa2d - [0:0]
-A POSTROUTING -s 10.9.0.3/32 -m comment --comment "name: \\"n\\" id: \\"ns-aa\\"" -j CNI-83607654ff6e32c0ffa2dd47
-A CNI-83607654ff6e32c0ffa2dd47 ! -d 224.0.0.0/4 -m comment --comment "name: \\"n\\" id: \\"ns-aa\\"" -j MASQUERADE
-A CNI-DN-83607654ff6e32c0ffa2d -d 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.9.0.3:80
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"n\\" id: \\"ns-aa\\"" -m multiport --dports 8080 -j CNI-DN-83607654ff6e32c0ffa2d
-A DOCKER ! -i docker0 -p udp -m udp --dport 53:55 -j DNAT --to-destination 172.17.0.2:53
-A POSTROUTING -s 10.9.0.4/32 -m comment --comment "name: \\"n\\" id: \\"ns-aab\\"" -j CNI-11117654ff6e32c0ffa2dd47
COMMIT
*filter
-A FORWARD -j ACCEPT
COMMIT
`;

test('forwarded ports of any program are found', () => {
  assert.deepEqual(
    forwardedPorts(parseRules(saved)).map(({ chain: _, ...port }) => port),
    [
      { protocol: 'tcp', address: '127.0.0.1', first: 8080, last: 8080 },
      { protocol: 'udp', address: '', first: 53, last: 55 },
    ],
  );
});

test("the removal of one container's rules and chains", () => {
  const script = ruleScript(saved, ({ text }) => /id: \\"ns-aa\\"/.test(text));
  const lines = script.split('\n');
  assert.equal(lines[0], '*nat');
  assert.equal(lines.filter((line) => line.startsWith('-D ')).length, 3);
  assert.ok(lines.includes('-X CNI-83607654ff6e32c0ffa2dd47'));
  assert.ok(lines.includes('-X CNI-DN-83607654ff6e32c0ffa2d'));
  assert.ok(!script.includes('ns-aab') && !script.includes('*filter'));
  assert.equal(
    ruleScript(saved, () => false),
    '',
  );
});

test('the chain that portmap makes', () => {
  // As seen in the rules of plugins 1.1.1.
  assert.match(portmapChain('n', 'ns-aa'), /^CNI-DN-[0-9a-f]{21}$/);
  assert.equal(portmapChain('n', 'ns-aa').length, 28);
});

test('shared rules are added once, by their places; chains are made, never emptied', () => {
  const shared = [
    { table: 'nat', chain: 'POSTROUTING', text: '-m comment --comment "new words" -j CNI-HOSTPORT-MASQ', first: true },
    { table: 'nat', chain: 'CNI-HOSTPORT-MASQ', text: '-m mark --mark 0x2000/0x2000 -j MASQUERADE' },
    { table: 'filter', chain: 'CNI-ISOLATION-STAGE-1', text: '-i br1 ! -o br1 -j CNI-ISOLATION-STAGE-2', first: true },
  ];
  const never = () => false;
  const script = ruleScript(saved, never, shared);
  assert.deepEqual(script.split('\n'), [
    '*nat',
    '-N CNI-HOSTPORT-MASQ',
    '-I POSTROUTING 1 -m comment --comment "new words" -j CNI-HOSTPORT-MASQ',
    '-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE',
    'COMMIT',
    '*filter',
    '-N CNI-ISOLATION-STAGE-1',
    '-N CNI-ISOLATION-STAGE-2',
    '-I CNI-ISOLATION-STAGE-1 1 -i br1 ! -o br1 -j CNI-ISOLATION-STAGE-2',
    'COMMIT',
    '',
  ]);
  const there = `*nat
:CNI-HOSTPORT-MASQ - [0:0]
-A POSTROUTING -m comment --comment "old words" -j CNI-HOSTPORT-MASQ
-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
COMMIT
*filter
:CNI-ISOLATION-STAGE-1 - [0:0]
:CNI-ISOLATION-STAGE-2 - [0:0]
-A CNI-ISOLATION-STAGE-1 -i br1 ! -o br1 -m comment --comment "old words" -j CNI-ISOLATION-STAGE-2
COMMIT
`;
  assert.equal(ruleScript(there, never, shared), '');
  const ofAnotherBridge = there.replaceAll('br1', 'br2');
  assert.match(ruleScript(ofAnotherBridge, never, shared), /^\*filter\n-I CNI-ISOLATION-STAGE-1 1 [^\n]*\nCOMMIT\n$/);
});
