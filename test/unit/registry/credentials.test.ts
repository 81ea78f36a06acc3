import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { credentialHelper } from '../../../src/registry/credential-helper.ts';
import {
  dockerConfigCredentials,
  eraseCredential,
  hubKey,
  storeCredential,
} from '../../../src/registry/credentials.ts';

const root = mkdtempSync(join(tmpdir(), 'nerdctl-credentials-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
let dir = '';
let env: NodeJS.ProcessEnv = {};
const file = () => join(dir, 'config.json');
const encode = (text: string): string => Buffer.from(text).toString('base64');
const write = (config: object) => writeFileSync(file(), JSON.stringify(config));
const read = () => JSON.parse(readFileSync(file(), 'utf8'));
const find = (domain: string) => dockerConfigCredentials(dir, env)(domain);

/** A helper that notes what it is called with and answers `output` with `code`. */
function addHelper(name: string, output: string, code = 0): void {
  const path = join(dir, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\necho "$1 $(cat)" >>'${dir}/calls'\nprintf '%s' '${output}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
}
const calls = () => readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n');

beforeEach(() => {
  dir = mkdtempSync(join(root, 'd-'));
  env = { PATH: `${dir}:/usr/bin:/bin` };
});

describe('auths of config.json', () => {
  it('finds user, password with colons, identity token, and the hub by its old name', async () => {
    const auths = {
      [hubKey]: { auth: encode('hub:a:b') },
      'r.test:5000': { auth: encode('<token>:'), identitytoken: 'T' },
      'https://old.test/v1/': { auth: encode('u:p') },
      'kept.test': {},
    };
    write({ auths });
    assert.deepEqual(await find('docker.io'), { username: 'hub', password: 'a:b' });
    assert.deepEqual(await find('r.test:5000'), { username: '', password: '', identityToken: 'T' });
    assert.equal((await find('old.test'))?.username, 'u');
    assert.equal(await find('kept.test'), undefined);
    assert.equal(await find('other.test'), undefined);
  });

  it('does not quote a broken file, which holds secrets', async () => {
    writeFileSync(file(), '{"auths": {"r": {"auth": "c2VjcmV0"');
    await assert.rejects(find('r'), ({ message }: Error) => !message.includes('c2VjcmV0'));
    env.DOCKER_AUTH_CONFIG = '{"auths": {"r": {"auth": "c2VjcmV0"';
    await assert.rejects(find('r'), ({ message }: Error) => !message.includes('c2VjcmV0'));
  });

  it('takes null for nothing, and names what is of another type without its value', async () => {
    writeFileSync(file(), '{"auths":null,"credHelpers":null,"credsStore":null}');
    assert.equal(await find('r'), undefined);
    await storeCredential(dir, 'r', { username: 'u', password: 'p' }, env);
    assert.equal((await find('r'))?.password, 'p');
    const table: [config: string, key: string][] = [
      ['{"auths":"c2VjcmV0"}', 'auths'],
      ['{"auths":{"r":"c2VjcmV0"}}', 'auths of r'],
      ['{"auths":{"r":{"auth":["c2VjcmV0"]}}}', 'auths of r'],
      ['{"auths":{"r":{"identitytoken":5}}}', 'auths of r'],
      ['{"credHelpers":[]}', 'credHelpers'],
      ['{"credHelpers":{"r":5}}', 'credHelpers of r'],
      ['{"credsStore":{}}', 'credsStore'],
    ];
    for (const [config, key] of table) {
      writeFileSync(file(), config);
      await assert.rejects(find('r'), { message: `${file()}: ${key} is not of the type that docker knows` });
    }
    rmSync(file());
    env.DOCKER_AUTH_CONFIG = '{"auths":{"r":{"auth":5}}}';
    await assert.rejects(find('r'), { message: 'DOCKER_AUTH_CONFIG: auths of r is not of the type that docker knows' });
    env.DOCKER_AUTH_CONFIG = '{"auths":{"r":null}}';
    await assert.rejects(find('r'), /missing key `auth` for "r"/);
  });

  it('DOCKER_AUTH_CONFIG comes first, the file still counts for other registries', async () => {
    write({ auths: { a: { auth: encode('file:p') }, b: { auth: encode('file:p') } } });
    env.DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { a: { auth: encode('env:p') } } });
    assert.equal((await find('a'))?.username, 'env');
    assert.equal((await find('b'))?.username, 'file');
  });
});

describe('credential helpers', () => {
  it('credHelpers, then credsStore, then auths', async () => {
    addHelper('one', '{"ServerURL":"x","Username":"u1","Secret":"s1"}');
    addHelper('all', '{"Username":"<token>","Secret":"T"}');
    write({ credsStore: 'all', credHelpers: { 'a.test': 'one', 'none.test': '' }, auths: { 'none.test': {} } });
    assert.deepEqual(await find('a.test'), { username: 'u1', password: 's1' });
    assert.deepEqual(await find('docker.io'), { username: '', password: '', identityToken: 'T' });
    assert.equal(await find('none.test'), undefined);
    assert.deepEqual(calls(), ['get a.test', `get ${hubKey}`]);
  });

  it('nothing found is no error; a missing program and a failing one are one sentence', async () => {
    addHelper('empty', 'credentials not found in native keychain', 1);
    addHelper('broken', 'no\nkeychain', 3);
    write({ credHelpers: { a: 'empty', b: 'broken', c: 'gone' }, auths: { a: { auth: encode('u:p') } } });
    assert.equal((await find('a'))?.username, 'u');
    await assert.rejects(find('b'), { message: 'error getting credentials - err: exit status 3, out: `no keychain`' });
    const sentence =
      'error getting credentials - err: exec: "docker-credential-gone": executable file not found in $PATH, out: ``';
    await assert.rejects(find('c'), { message: sentence });
  });

  it('stores and erases; a helper that repeats the secret does not make it show', async () => {
    addHelper('h', '');
    write({ credsStore: 'h' });
    assert.equal(await storeCredential(dir, 'r.test', { username: 'u', password: 'p' }, env), undefined);
    await storeCredential(dir, 'r.test', { username: 'u', password: '', identityToken: 'T' }, env);
    assert.deepEqual(read().auths, { 'r.test': {} });
    await eraseCredential(dir, 'r.test', env);
    assert.deepEqual(read(), { credsStore: 'h', auths: {} });
    assert.deepEqual(calls(), [
      'store {"ServerURL":"r.test","Username":"u","Secret":"p"}',
      'store {"ServerURL":"r.test","Username":"<token>","Secret":"T"}',
      'erase r.test',
    ]);
    addHelper('h', 'cannot keep hunter2', 1);
    const refused = storeCredential(dir, 'r.test', { username: 'u', password: 'hunter2' }, env);
    await assert.rejects(refused, {
      message: 'error storing credentials - err: exit status 1, out: `cannot keep ***`',
    });
    addHelper('h', '{"https://r.test":"u"}');
    assert.deepEqual(await credentialHelper('h', env).list(), { 'https://r.test': 'u' });
  });
});

describe('a machine with a helper', () => {
  it('is used by who keeps nothing anywhere, and named in the file', async () => {
    addHelper('secretservice', '');
    await storeCredential(dir, 'r.test', { username: 'u', password: 'p' }, env);
    assert.deepEqual(read(), { credsStore: 'secretservice', auths: { 'r.test': {} } });
  });

  it('pass comes first; who has credentials in the file goes on with it', async () => {
    addHelper('secretservice', '');
    addHelper('pass', '{"Username":"u","Secret":"s"}');
    writeFileSync(join(dir, 'pass'), '', { mode: 0o755 });
    assert.equal((await find('r.test'))?.password, 's');
    write({ auths: { a: { auth: encode('u:p') } } });
    assert.equal(await storeCredential(dir, 'b', { username: 'u', password: 'p' }, env), file());
  });
});

describe('the file', () => {
  it('is 0600, keeps what it does not know, and is not touched when nothing changes', async () => {
    writeFileSync(file(), '{"z":1,"auths":{"b":{"auth":"x","email":"e"}},"HttpHeaders":{"A":"b"}}', { mode: 0o644 });
    const credential = { username: 'u', password: 'p' };
    assert.equal(await storeCredential(dir, 'r.test', credential, env), file());
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    const auths = { b: { auth: 'x', email: 'e' }, 'r.test': { auth: encode('u:p') } };
    assert.deepEqual(read(), { z: 1, auths, HttpHeaders: { A: 'b' } });
    const { ino } = statSync(file());
    assert.equal(await storeCredential(dir, 'r.test', credential, env), undefined);
    await eraseCredential(dir, 'unknown.test', env);
    assert.equal(statSync(file()).ino, ino);
    await eraseCredential(dir, 'r.test', env);
    assert.deepEqual(Object.keys(read().auths), ['b']);
  });

  it('is made where there is none, and a symbolic link to it stays one', async () => {
    const home = join(dir, 'new/.docker');
    await storeCredential(home, 'r', { username: 'u', password: 'p' }, env);
    assert.equal(statSync(home).mode & 0o777, 0o700);
    symlinkSync(join(home, 'config.json'), file());
    await storeCredential(dir, 's', { username: 'u', password: 'p' }, env);
    assert.ok(lstatSync(file()).isSymbolicLink());
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')).auths), ['r', 's']);
  });
});
