import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isLocalhost, registryHosts } from '../../../src/registry/hosts.ts';

describe('registryHosts', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'nerdctl-hosts-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  const hosts = (domain: string, insecure = false) => registryHosts(domain, { dirs: [dir], insecure });

  it('asks the registry itself without configuration', () => {
    assert.equal(hosts('docker.io')[0]?.url, 'https://registry-1.docker.io/v2');
    assert.equal(hosts('r.example:5000')[0]?.skipVerify, false);
    assert.equal(hosts('r.example:5000', true)[0]?.plainFallback, true);
    assert.equal(hosts('localhost:5000')[0]?.plainFallback, true);
  });

  const tables: { title: string; path: string; text: string; domain: string; urls: string[] }[] = [
    {
      title: 'mirrors in order, then the server',
      path: 'docker.io/hosts.toml',
      text: 'server = "https://registry-1.docker.io"\n[host."https://b.test"]\n[host."http://a.test:5000"]\n',
      domain: 'docker.io',
      urls: ['https://b.test/v2', 'http://a.test:5000/v2', 'https://registry-1.docker.io/v2'],
    },
    {
      title: 'paths with and without override_path',
      path: 'r.test/hosts.toml',
      text: '[host."https://a.test/v2/x"]\noverride_path = true\n[host."https://a.test/y"]\n[host."https://a.test/v2"]\n',
      domain: 'r.test',
      urls: ['https://a.test/v2/x', 'https://a.test/y/v2', 'https://a.test/v2', 'https://r.test/v2'],
    },
    {
      title: 'the escaped port',
      path: 'r.test_5000_/hosts.toml',
      text: 'server = "http://x.test"',
      domain: 'r.test:5000',
      urls: ['http://x.test/v2'],
    },
    {
      title: '_default',
      path: '_default/hosts.toml',
      text: '[host."http://m.test"]',
      domain: 'r.test',
      urls: ['http://m.test/v2', 'https://r.test/v2'],
    },
  ];
  for (const { title, path, text, domain, urls } of tables) {
    it(`reads ${title}`, () => {
      write(path, text);
      assert.deepEqual(
        hosts(domain).map(({ url }) => url),
        urls,
      );
    });
  }

  it('reads the keys of a host', () => {
    write('r.test/ca.pem', 'CA');
    write('r.test/c.pem', 'CERT');
    write('r.test/k.pem', 'KEY');
    write(
      'r.test/hosts.toml',
      '[host."https://m.test"]\ncapabilities = ["pull"]\nca = "ca.pem"\nclient = [["c.pem", "k.pem"]]\nskip_verify = true\n[host."https://m.test".header]\nx-a = ["1", "2"]\n',
    );
    const { capabilities, ca, client, skipVerify, headers, mirror } = hosts('r.test')[0]!;
    assert.deepEqual(
      { capabilities: [...capabilities], ca, client, skipVerify, headers, mirror },
      {
        capabilities: ['pull'],
        ca: ['CA'],
        client: [{ cert: 'CERT', key: 'KEY' }],
        skipVerify: true,
        headers: { 'x-a': '1, 2' },
        mirror: true,
      },
    );
  });

  it("reads docker's certs.d", () => {
    write('r.test/ca.crt', 'CA');
    write('r.test/me.cert', 'CERT');
    write('r.test/me.key', 'KEY');
    const [host] = hosts('r.test');
    assert.deepEqual([host?.ca, host?.client], [['CA'], [{ cert: 'CERT', key: 'KEY' }]]);
  });

  for (const [text, message] of [
    ['host = [', /hosts\.toml cannot be read: /],
    ['[host."https://a.test"]\ncapabilities = ["fly"]', /unknown capability "fly"$/],
    ['[host."https://a.test"]\nskip_verify = "yes"', /the value of skip_verify/],
    ['[host."https://a.test"]\nca = "missing.pem"', /missing\.pem, which does not exist$/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      write('r.test/hosts.toml', text);
      assert.throws(() => hosts('r.test'), { name: 'DockerError', message });
    });
  }

  it('knows what is local', () => {
    const local = ['localhost', 'localhost:5000', '127.0.0.1:80', '127.9.9.9', '[::1]:5000'];
    const remote = ['localhost.example', '128.0.0.1', 'registry:5000', '127.0.0.1.example'];
    assert.deepEqual([...local, ...remote].filter(isLocalhost), local);
  });
});
