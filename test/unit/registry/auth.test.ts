import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseChallenges } from '../../../src/registry/auth.ts';
import { dockerConfigCredentials } from '../../../src/registry/credentials.ts';
import { RegistryError } from '../../../src/registry/errors.ts';
import { retryAfter } from '../../../src/registry/http.ts';
import { pauseBefore } from '../../../src/registry/retry.ts';

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

describe('dockerConfigCredentials', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-auth-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const encode = (text: string): string => Buffer.from(text).toString('base64');

  it('finds user, password with colons, identity token, and the hub by its old name', async () => {
    const auths = {
      'https://index.docker.io/v1/': { auth: encode('hub:a:b') },
      'r.test:5000': { auth: encode('<token>:'), identitytoken: 'T' },
    };
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths }));
    const find = dockerConfigCredentials(dir);
    assert.deepEqual(await find('docker.io'), { username: 'hub', password: 'a:b' });
    assert.equal((await find('r.test:5000'))?.identityToken, 'T');
    assert.equal(await find('other.test'), undefined);
  });

  it('does not quote a broken file, which holds secrets', async () => {
    writeFileSync(join(dir, 'config.json'), '{"auths": {"r": {"auth": "c2VjcmV0"');
    await assert.rejects(dockerConfigCredentials(dir)('r'), ({ message }: Error) => !message.includes('c2VjcmV0'));
  });
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
    assert.equal(retryAfter('soon'), undefined);
  });
  it('does not repeat what cannot succeed', () => {
    assert.equal(pause({ status: 404 }), undefined);
    assert.equal(pauseBefore(new Error('x'), 1, { signal }), undefined);
  });
});
