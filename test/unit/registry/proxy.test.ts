import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyFor } from '../../../src/registry/proxy.ts';

const both = { https_proxy: 'http://p.test:3128', HTTP_PROXY: 'q.test' };

describe('proxyFor', () => {
  const table: [url: string, env: NodeJS.ProcessEnv, proxy: string | undefined][] = [
    ['https://r.test/v2/', {}, undefined],
    ['https://r.test/v2/', both, 'http://p.test:3128/'],
    ['http://r.test/v2/', both, 'http://q.test/'],
    [
      'https://r.test/v2/',
      { HTTPS_PROXY: 'https://upper.test', https_proxy: 'http://lower.test' },
      'https://upper.test/',
    ],
    ['https://localhost:5000/v2/', both, undefined],
    ['https://127.3.2.1:5000/v2/', both, undefined],
    ['https://[::1]:5000/v2/', both, undefined],
    ...(
      [
        ['r.test', true],
        ['a.r.test', false],
        ['.test', true],
        ['*.test', true],
        ['test', true],
        ['est', false],
        ['x, r.test:5000 ,y', true],
        ['r.test:5001', false],
        ['*', true],
        [' ', false],
      ] as const
    ).map(([no_proxy, direct]): [string, NodeJS.ProcessEnv, string | undefined] => [
      'https://R.test:5000/v2/',
      { ...both, no_proxy },
      direct ? undefined : 'http://p.test:3128/',
    ]),
    ['https://10.1.2.3/v2/', { ...both, NO_PROXY: '10.0.0.0/8' }, undefined],
    ['https://11.1.2.3/v2/', { ...both, NO_PROXY: '10.0.0.0/8,bad/8,10.0.0.0/99' }, 'http://p.test:3128/'],
    ['https://[fd00::1]:5000/v2/', { ...both, NO_PROXY: 'fd00::/8' }, undefined],
    ['https://[fd00::1]:5000/v2/', { ...both, NO_PROXY: 'fd00::1' }, undefined],
    ['http://r.test/v2/', { https_proxy: 'http://p.test', all_proxy: 'socks5h://s.test:1080' }, 'socks5://s.test:1080'],
    ['https://r.test/v2/', { https_proxy: 'http://p.test', ALL_PROXY: 'socks5://s.test' }, 'http://p.test/'],
    ['https://localhost/v2/', { ALL_PROXY: 'socks5://s.test' }, undefined],
    ['https://10.1.2.3:443/v2/', { ...both, NO_PROXY: '10.1.2.3:443' }, undefined],
  ];
  for (const [url, env, proxy] of table) {
    it(`${url} ${JSON.stringify(env)}`, () => assert.equal(proxyFor(new URL(url), env)?.url.href, proxy));
  }

  it('takes user and password out of the address', () => {
    const proxy = proxyFor(new URL('https://r.test'), { https_proxy: 'http://u%40x:p%3Aq@p.test:1' })!;
    assert.equal(proxy.url.href, 'http://p.test:1/');
    assert.equal(proxy.authorization, `Basic ${Buffer.from('u@x:p:q').toString('base64')}`);
  });

  it('refuses what is no proxy, without its password', () => {
    const bad = [
      'socks4://u:hunter2@p.test',
      'ftp://u:hunter2@p.test',
      'http://u:hunter2@p.test:port',
      'u:hunter2%zz@p.test',
    ];
    for (const https_proxy of bad) {
      const refused = () => proxyFor(new URL('https://r.test'), { https_proxy });
      assert.throws(refused, ({ message }: Error) => /https_proxy/i.test(message) && !/hunter2/.test(message));
    }
  });
});
