import assert from 'node:assert/strict';
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openSshSource, type SshSource, sshService } from '../../../src/buildkit/services/ssh.ts';
import { BytesMessage } from '../../../src/gen/moby/buildkit/v1/control.ts';
import { CheckAgentRequest } from '../../../src/gen/moby/sshforward/v1/ssh.ts';
import { Code } from '../../../src/grpc/status.ts';
import { framed, messagesOf, openRequest } from '../grpc/http2-client.ts';
import { served } from './served.ts';

/** OpenSSH's tools are the peers: its keys, its agent, its client of agents. */
const missing = (() => {
  try {
    execFileSync('ssh-add', ['-l'], { env: { PATH: process.env.PATH }, stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'this machine lacks the ssh client';
  }
  return undefined;
})();

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-ssh-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function keygen(file: string, ...args: string[]): void {
  execFileSync('ssh-keygen', ['-q', '-f', file, '-N', '', '-C', 'test', ...args], { stdio: 'pipe' });
}

/** The session's agent on a socket, as a build step sees it. */
async function forwarded(t: TestContext, dir: string, source: SshSource): Promise<string> {
  const { http2 } = served(t, sshService({ default: source }));
  const socket = join(dir, 'forwarded.sock');
  const server = createServer((client) => {
    const stream = openRequest(http2, '/moby.sshforward.v1.SSH/ForwardAgent', { 'buildkit.ssh.id': 'default' });
    stream.on('error', () => client.destroy());
    client.on('error', () => stream.destroy());
    client.on('data', (data) => stream.write(framed(BytesMessage.encode({ data }).finish())));
    client.on('end', () => stream.end());
    let held = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      if (held.length < 5 || held.length < 5 + held.readUInt32BE(1)) return;
      for (const message of messagesOf(held)) client.write(BytesMessage.decode(message).data);
      held = Buffer.alloc(0);
    });
    stream.on('end', () => client.end());
  });
  server.listen(socket);
  await once(server, 'listening');
  t.after(() => server.close());
  return socket;
}

function sshAdd(socket: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, SSH_AUTH_SOCK: socket };
    const child: ChildProcess = execFile('ssh-add', args, { env, timeout: 10_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(child.exitCode ?? 1) : 0, output: stdout + stderr }),
    );
    child.stdin?.end('secret\nsecret\n');
  });
}

const kinds: [string, string[]][] = [
  ['ed25519', ['-t', 'ed25519']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
  ['rsa in PEM (PKCS #1)', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ['rsa in PKCS #8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
  ['ecdsa 256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa 384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa 521', ['-t', 'ecdsa', '-b', '521']],
  ['ecdsa in PEM (SEC 1)', ['-t', 'ecdsa', '-b', '256', '-m', 'PEM']],
];

describe('a key file as an agent', { skip: missing }, () => {
  for (const [name, args] of kinds) {
    it(`${name}: OpenSSH lists it and verifies what it signs`, async (t) => {
      const dir = directory(t);
      const file = join(dir, 'key');
      keygen(file, ...args);
      const source = await openSshSource([file]);
      assert.ok('keys' in source);
      const [type, blob] = readFileSync(`${file}.pub`, 'utf8').split(' ');
      assert.equal(source.keys[0]?.blob.toString('base64'), blob);
      const socket = await forwarded(t, dir, source);
      const listed = await sshAdd(socket, '-L');
      assert.deepEqual([listed.code, listed.output], [0, `${type} ${blob} \n`]);
      const signed = await sshAdd(socket, '-T', `${file}.pub`);
      assert.equal(signed.code, 0, signed.output);
      // ssh-add takes SHA-512; older servers ask for the others.
      if (type === 'ssh-rsa') {
        for (const [flags, algorithm] of [
          [0, 'ssh-rsa'],
          [2, 'rsa-sha2-256'],
          [4, 'rsa-sha2-512'],
        ] as const) {
          assert.ok(source.keys[0]?.sign(Buffer.from('x'), flags).includes(algorithm));
        }
      }
    });
  }

  it('of several keys each signs', async (t) => {
    const dir = directory(t);
    const files = ['one', 'two', 'three'].map((name) => join(dir, name));
    for (const file of files) keygen(file, '-t', 'ed25519');
    const socket = await forwarded(t, dir, await openSshSource(files));
    assert.equal((await sshAdd(socket, '-L')).output.trim().split('\n').length, 3);
    const results = await Promise.all(files.map((file) => sshAdd(socket, '-T', `${file}.pub`)));
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0, 0],
    );
  });

  it('signs for no other key', async (t) => {
    const dir = directory(t);
    keygen(join(dir, 'mine'), '-t', 'ed25519');
    keygen(join(dir, 'other'), '-t', 'ed25519');
    const socket = await forwarded(t, dir, await openSshSource([join(dir, 'mine')]));
    assert.notEqual((await sshAdd(socket, '-T', join(dir, 'other.pub'))).code, 0);
  });
});

/** OpenSSH's agent with one key. */
async function runningAgent(t: TestContext, dir: string, file: string): Promise<string> {
  const socket = join(dir, 'agent.sock');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => void child.kill());
  // It says where it listens when it does.
  await once(child.stdout, 'data');
  assert.equal((await sshAdd(socket, file)).code, 0);
  return socket;
}

describe('a build may not add, remove or lock the keys', { skip: missing }, () => {
  for (const kind of ['of a running agent', 'of key files']) {
    it(kind, async (t) => {
      const dir = directory(t);
      const file = join(dir, 'key');
      keygen(file, '-t', 'ed25519');
      const agent = kind === 'of key files' ? file : await runningAgent(t, dir, file);
      const socket = await forwarded(t, dir, await openSshSource([agent]));
      const listed = await sshAdd(socket, '-L');
      assert.equal(listed.code, 0, listed.output);
      const signed = await sshAdd(socket, '-T', `${file}.pub`);
      assert.equal(signed.code, 0, signed.output);
      const other = join(dir, 'other');
      keygen(other, '-t', 'ed25519');
      for (const args of [[other], ['-D'], ['-d', `${file}.pub`]]) {
        assert.notEqual((await sshAdd(socket, ...args)).code, 0, args.join(' '));
      }
      assert.deepEqual(await sshAdd(socket, '-L'), listed);
    });
  }
});

describe('ssh sources', () => {
  it('that are not forwarded are named', async (t) => {
    const { call } = served(t, sshService({ git: { keys: [] } }));
    const check = (ID: string) => call('/moby.sshforward.v1.SSH/CheckAgent', CheckAgentRequest.encode({ ID }).finish());
    assert.equal((await check('git')).length, 1);
    await assert.rejects(check('default'), { code: Code.UNKNOWN, message: 'unset ssh forward key default' });
    await assert.rejects(check(''), { message: 'unset ssh forward key default' });
  });

  it('of an agent that is gone fail the call', async (t) => {
    const { call } = served(t, sshService({ default: { socket: join(directory(t), 'none') } }));
    const list = BytesMessage.encode({ data: Buffer.from([0, 0, 0, 1, 11]) }).finish();
    await assert.rejects(call('/moby.sshforward.v1.SSH/ForwardAgent', list), { code: Code.UNKNOWN, message: /ENOENT/ });
  });

  it('take requests in pieces, answer what they do not know with a failure, and refuse endless ones', async (t) => {
    const { call } = served(t, sshService({ default: { keys: [] } }));
    const send = async (...pieces: number[][]) => {
      const messages = pieces.map((piece) => BytesMessage.encode({ data: Buffer.from(piece) }).finish());
      const replies = await call('/moby.sshforward.v1.SSH/ForwardAgent', messages);
      return replies.map((reply) => [...BytesMessage.decode(reply).data]);
    };
    assert.deepEqual(await send([0, 0], [0, 1], [11, 0, 0, 0, 1, 99]), [
      [0, 0, 0, 5, 12, 0, 0, 0, 0],
      [0, 0, 0, 1, 5],
    ]);
    // A signature with a length past its end, and an empty message.
    assert.deepEqual(await send([0, 0, 0, 6, 13, 0xff, 0, 0, 0, 1, 0, 0, 0, 0]), [
      [0, 0, 0, 1, 5],
      [0, 0, 0, 1, 5],
    ]);
    await assert.rejects(send([0xff, 0, 0, 0]), { message: /an ssh-agent message of \d+ bytes/ });
  });

  const files: [string, string, RegExp][] = [
    ['no key', 'hello', /failed to parse .*: it is no private key that is known here/],
    [
      'a damaged key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /it is damaged/,
    ],
    [
      'a key cut short',
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from('openssh-key-v1\0\0\0\0\u0004none\0').toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`,
      /it is damaged/,
    ],
    ['a file that is too large', 'x'.repeat(200_000), /neither the socket of an ssh agent nor a key/],
  ];
  for (const [name, text, message] of files) {
    it(`refuse ${name}`, async (t) => {
      const file = join(directory(t), 'key');
      writeFileSync(file, text);
      await assert.rejects(openSshSource([file]), { kind: 'invalid', message });
    });
  }

  it('refuse a missing file, and a key with a passphrase in either format', { skip: missing }, async (t) => {
    const dir = directory(t);
    const none = join(dir, 'none');
    await assert.rejects(openSshSource([none]), { message: `failed to open ${none}: no such file or directory` });
    for (const format of ['RFC4716', 'PEM']) {
      const file = join(dir, format);
      execFileSync('ssh-keygen', ['-q', '-f', file, '-N', 'secret', '-t', 'rsa', '-b', '2048', '-m', format]);
      await assert.rejects(openSshSource([file]), {
        message: `failed to parse ${file}: it is protected by a passphrase: give it to an agent with ssh-add, and the build that agent`,
      });
    }
  });
});
