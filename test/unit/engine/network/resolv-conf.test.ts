import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { containerResolvConf, hostResolvConf } from '../../../../src/engine/network/resolv-conf.ts';

const none = { servers: [], search: [], options: [] };
const own = { ownNamespace: true, ipv6: false };

test("a container's resolv.conf", () => {
  const host =
    '# by hand\nsearch lan corp\nnameserver 127.0.0.1\nnameserver 192.0.2.53\nnameserver ::1\noptions ndots:2\n';
  const cases: [string, Partial<typeof none>, typeof own, string][] = [
    [host, {}, own, 'search lan corp\nnameserver 192.0.2.53\noptions ndots:2\n'],
    [host, {}, { ...own, ownNamespace: false }, host],
    ['nameserver 127.0.0.1\n', {}, own, 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n'],
    [
      'nameserver ::1\n',
      {},
      { ...own, ipv6: true },
      'nameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844\n',
    ],
    ['nameserver fe80::1%eth0\nnameserver 192.0.2.1\n', {}, own, 'nameserver 192.0.2.1\n'],
    [host, { servers: ['127.0.0.1'] as never }, own, 'search lan corp\nnameserver 127.0.0.1\noptions ndots:2\n'],
    [host, { search: ['.'] as never }, own, 'nameserver 192.0.2.53\noptions ndots:2\n'],
    [
      host,
      { search: ['a.b'] as never, options: ['rotate'] as never },
      own,
      'search a.b\nnameserver 192.0.2.53\noptions rotate\n',
    ],
  ];
  for (const [text, dns, where, expected] of cases) {
    assert.equal(containerResolvConf(text, { ...none, ...dns }, where), expected);
  }
});

test('the stub of systemd-resolved is replaced by its servers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'resolv-'));
  try {
    const [stub, real] = [join(dir, 'stub'), join(dir, 'real')];
    writeFileSync(stub, 'nameserver 127.0.0.53\n');
    assert.equal(hostResolvConf(stub, real), 'nameserver 127.0.0.53\n');
    writeFileSync(real, 'nameserver 192.0.2.7\n');
    assert.equal(hostResolvConf(stub, real), 'nameserver 192.0.2.7\n');
    assert.equal(hostResolvConf(join(dir, 'none'), real), '');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
