import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type AuthOptions, authService, type TokenRequest } from '../../../src/buildkit/services/auth.ts';
import { checkSecrets, secretsService } from '../../../src/buildkit/services/secrets.ts';
import { uploadService } from '../../../src/buildkit/services/upload.ts';
import { GetSecretRequest, GetSecretResponse } from '../../../src/gen/moby/buildkit/secrets/v1/secrets.ts';
import { BytesMessage } from '../../../src/gen/moby/buildkit/v1/control.ts';
import {
  CredentialsRequest,
  CredentialsResponse,
  FetchTokenRequest,
  FetchTokenResponse,
  GetTokenAuthorityRequest,
  GetTokenAuthorityResponse,
  VerifyTokenAuthorityRequest,
  VerifyTokenAuthorityResponse,
} from '../../../src/gen/moby/filesync/v1/auth.ts';
import { Code } from '../../../src/grpc/status.ts';
import { served } from './served.ts';

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-session-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('the secrets of a session', () => {
  const limit = 500 * 1024;

  it('come from files and the environment, read when they are asked for', async (t) => {
    const dir = directory(t);
    const file = join(dir, 'secret');
    writeFileSync(file, 'first');
    const sources = { file: { file }, env: { env: 'TOKEN' }, unset: { env: 'NOTHING' } };
    const { call } = served(t, secretsService(sources, { TOKEN: 'ünïcode' }));
    const get = async (ID: string) => {
      const [reply] = await call(
        '/moby.buildkit.secrets.v1.Secrets/GetSecret',
        GetSecretRequest.encode({ ID }).finish(),
      );
      return String(Buffer.from(GetSecretResponse.decode(reply!).data));
    };
    assert.deepEqual([await get('file'), await get('env'), await get('unset')], ['first', 'ünïcode', '']);
    writeFileSync(file, Buffer.alloc(limit, 'x'));
    assert.equal((await get('file')).length, limit);
    await assert.rejects(get('constructor'), { code: Code.NOT_FOUND });
    await assert.rejects(get('HTTP_AUTH_TOKEN_example.com'), { code: Code.NOT_FOUND });
    writeFileSync(file, Buffer.alloc(limit + 1));
    await assert.rejects(get('file'), { code: Code.INVALID_ARGUMENT, message: 'secret file too big. max size 500KB' });
  });

  it('are looked at before the build', async (t) => {
    const dir = directory(t);
    const file = join(dir, 'big');
    writeFileSync(file, Buffer.alloc(limit + 1));
    await checkSecrets({ a: { env: 'NOTHING' } });
    const bad: [string, string][] = [
      [file, 'secret a too big. max size 500KB'],
      [join(dir, 'none'), `failed to stat ${join(dir, 'none')}: stat ${join(dir, 'none')}: no such file or directory`],
      [dir, `secret a: ${dir} is a directory`],
    ];
    for (const [path, message] of bad) {
      await assert.rejects(checkSecrets({ a: { file: path } }), { kind: 'invalid', message });
    }
  });
});

describe('registry credentials in a session', () => {
  const login: AuthOptions['login'] = async (host) =>
    host === 'registry.example' ? { username: 'me', secret: 'pass' } : undefined;

  it('are given by host, empty where there are none', async (t) => {
    const { call } = served(t, authService({ login }));
    const ask = async (Host: string) => {
      const [reply] = await call('/moby.filesync.v1.Auth/Credentials', CredentialsRequest.encode({ Host }).finish());
      return CredentialsResponse.decode(reply!);
    };
    assert.deepEqual(await ask('registry.example'), { Username: 'me', Secret: 'pass' });
    assert.deepEqual(await ask('other.example'), { Username: '', Secret: '' });
    // So the daemon knows that it has to fetch tokens itself.
    await assert.rejects(call('/moby.filesync.v1.Auth/FetchToken', Buffer.alloc(0)), { code: Code.UNIMPLEMENTED });
  });

  it('stay here where tokens are fetched here', async (t) => {
    const asked: TokenRequest[] = [];
    const fetchToken: AuthOptions['fetchToken'] = async (request) => {
      asked.push(request);
      return { token: 'abc', issuedAt: new Date(1_700_000_000_900) };
    };
    const { call } = served(t, authService({ login, fetchToken }));
    const request = {
      ClientID: 'buildkit-client',
      Host: 'registry.example',
      Realm: 'https://auth.example/token',
      Service: 'registry',
      Scopes: ['repository:a:pull', 'repository:b:pull,push'],
    };
    const [reply] = await call('/moby.filesync.v1.Auth/FetchToken', FetchTokenRequest.encode(request).finish());
    assert.deepEqual(FetchTokenResponse.decode(reply!), { Token: 'abc', ExpiresIn: 60, IssuedAt: 1_700_000_000 });
    assert.deepEqual(asked, [
      {
        host: 'registry.example',
        realm: 'https://auth.example/token',
        service: 'registry',
        scopes: ['repository:a:pull', 'repository:b:pull,push'],
        clientId: 'buildkit-client',
      },
    ]);
  });

  it('are proved by a key that depends on host, salt and seed, and that signs', async (t) => {
    const seed = async (host: string) => Buffer.alloc(32, host);
    const fetchToken = async () => ({ token: '' });
    const { call } = served(t, authService({ login, fetchToken, seed }));
    const again = served(t, authService({ login, fetchToken, seed }));
    const unseeded = served(t, authService({ login, fetchToken }));
    const key = async (Host: string, Salt: Buffer, ask = call) => {
      const message = GetTokenAuthorityRequest.encode({ Host, Salt }).finish();
      const [reply] = await ask('/moby.filesync.v1.Auth/GetTokenAuthority', message);
      return Buffer.from(GetTokenAuthorityResponse.decode(reply!).PublicKey);
    };
    const salt = Buffer.from('salt');
    const mine = await key('registry.example', salt);
    assert.equal(mine.length, 32);
    assert.deepEqual(await key('registry.example', salt, again.call), mine);
    const others = [
      await key('registry.example', Buffer.from('pepper')),
      await key('other.example', salt),
      await key('registry.example', salt, unseeded.call),
    ];
    for (const other of others) assert.notDeepEqual(other, mine);
    // Anonymous is the same for everybody: such a token may be shared.
    assert.deepEqual(await key('other.example', salt, unseeded.call), others[1]);

    const Payload = Buffer.from('prove it');
    const message = VerifyTokenAuthorityRequest.encode({ Host: 'registry.example', Payload, Salt: salt }).finish();
    const [reply] = await call('/moby.filesync.v1.Auth/VerifyTokenAuthority', message);
    const signed = Buffer.from(VerifyTokenAuthorityResponse.decode(reply!).Signed);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), mine]);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    assert.deepEqual(signed.subarray(64), Payload);
    assert.ok(verify(null, Payload, publicKey, signed.subarray(0, 64)));
  });

  it('that cannot be had fail the call, in one sentence', async (t) => {
    const broken: AuthOptions['login'] = async () => {
      throw new Error('docker-credential-x: exit status 1');
    };
    const { call } = served(t, authService({ login: broken }));
    const ask = call('/moby.filesync.v1.Auth/Credentials', CredentialsRequest.encode({ Host: 'h' }).finish());
    await assert.rejects(ask, { code: Code.UNKNOWN, message: 'docker-credential-x: exit status 1' });
  });
});

describe('an upload', () => {
  const path = '/moby.upload.v1.Upload/Pull';

  it('is given once, whatever the size of its chunks', async (t) => {
    const chunks = [Buffer.alloc(3_000_000, 'a'), Buffer.alloc(0), Buffer.from('b'), Buffer.alloc(1 << 20, 'c')];
    const source = (async function* () {
      yield* chunks;
    })();
    const { call } = served(t, uploadService({ abc: source }));
    const headers = { urlpath: '/abc' };
    const messages = await call(path, [], headers);
    const data = messages.map((message) => BytesMessage.decode(message).data);
    assert.ok(data.every(({ length }) => length <= 1 << 20));
    assert.equal(Buffer.compare(Buffer.concat(data), Buffer.concat(chunks)), 0);
    await assert.rejects(call(path, [], headers), { code: Code.NOT_FOUND });
    await assert.rejects(call(path, [], { urlpath: '/xyz' }), { code: Code.NOT_FOUND });
  });

  it('that breaks off fails the call', async (t) => {
    const source = (async function* () {
      yield Buffer.from('x');
      throw new Error('stdin is gone');
    })();
    const { call } = served(t, uploadService({ abc: source }));
    await assert.rejects(call(path, [], { urlpath: 'abc' }), { code: Code.UNKNOWN, message: 'stdin is gone' });
  });
});
