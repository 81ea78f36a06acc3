import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenges } from '../../../src/registry/auth.ts';
import { RegistryError } from '../../../src/registry/errors.ts';

import { pauseBefore, retryAfter } from '../../../src/registry/retry.ts';
import { widenScope } from '../../../src/registry/scope.ts';

describe('parseChallenges', () => {
  const table: [header: string | undefined, challenges: ReturnType<typeof parseChallenges>][] = [
    [undefined, []],
    ['Basic realm="a b"', [{ scheme: 'basic', parameters: { realm: 'a b' } }]],
    [
      'Bearer realm="https://t.test/token",service="s",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: { realm: 'https://t.test/token', service: 's', scope: 'repository:a/b:pull,push' },
        },
      ],
    ],
    [
      'Basic realm=x, Bearer realm="y\\"z" , error=invalid_token',
      [
        { scheme: 'basic', parameters: { realm: 'x' } },
        { scheme: 'bearer', parameters: { realm: 'y"z', error: 'invalid_token' } },
      ],
    ],
  ];
  for (const [header, challenges] of table) {
    it(`reads ${header}`, () => assert.deepEqual(parseChallenges(header), challenges));
  }
});

describe('widenScope', () => {
  const table: [challenged: string | undefined, wanted: string, scope: string][] = [
    [undefined, 'repository:a/b:pull,push', 'repository:a/b:pull,push'],
    ['repository:a/b:pull', 'repository:a/b:pull,push', 'repository:a/b:pull,push'],
    ['repository:a/b:pull', 'repository:a/b:pull', 'repository:a/b:pull'],
    ['repository:cache/a:pull', 'repository:a:pull', 'repository:cache/a:pull'],
    ['repository:h:5/a:pull', 'repository:a:pull,push', 'repository:h:5/a:pull,push'],
    ['repository:a:pull', 'repository:a:pull,push repository:c:pull', 'repository:a:pull,push repository:c:pull'],
    ['repository:a:pull repository:c:pull', 'repository:a:pull,push', 'repository:a:pull,push repository:c:pull'],
  ];
  for (const [challenged, wanted, scope] of table) {
    it(`${challenged} and ${wanted}`, () => assert.equal(widenScope(challenged, wanted), scope));
  }
});

describe('pauseBefore', () => {
  const { signal } = new AbortController();
  const pause = (fields: ConstructorParameters<typeof RegistryError>[1], attempt = 1) =>
    pauseBefore(new RegistryError('x', fields), attempt, { signal });

  it('waits longer each time, and gives up', () => {
    assert.ok(pause({ status: 500 })! <= 625);
    assert.ok(pause({ status: 500 }, 3)! >= 1500);
    assert.equal(pause({ status: 500 }, 5), undefined);
  });
  it('believes Retry-After, within reason', () => {
    assert.equal(pause({ status: 429, retryAfter: 3000 }), 3000);
    assert.equal(pause({ status: 429, retryAfter: 3_600_000 }), undefined);
    assert.equal(retryAfter('7'), 7000);
    assert.equal(retryAfter(new Date(0).toUTCString()), 0);
    for (const bad of ['soon', '-5', '1.5']) assert.equal(retryAfter(bad), undefined);
  });
  it('does not repeat what cannot succeed', () => {
    assert.equal(pause({ status: 404 }), undefined);
    assert.equal(pauseBefore(new Error('x'), 1, { signal }), undefined);
  });
});
