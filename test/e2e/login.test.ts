import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksRegistry, type Registry, startRegistry } from '../harness/registry.ts';

const box = openBox(import.meta.url);
const skip = lacksRegistry(box.lane.registry);
let registry: Registry;
let env: Record<string, string>;
let config: string;
const auths = () => JSON.parse(readFileSync(config, 'utf8')).auths;

before(async () => {
  const dir = temporaryDir(box);
  config = join(dir, 'config.json');
  env = { DOCKER_CONFIG: dir, PATH: `${dir}:${process.env.PATH}` };
  if (box.lane.registry) registry = await startRegistry(box.lane.registry, join(box.dir, 'reg'), { auth: 'htpasswd' });
});
after(() => registry?.stop());

test('login --password-stdin keeps what the registry has accepted, logout forgets it', { skip }, async () => {
  const args = ['login', '-u', 'testuser', '--password-stdin', registry.host];
  const refused = await box.fails(args, 1, /login attempt to http.*\/v2\/ failed with status: 401 Unauthorized/, {
    input: 'wr0ng\n',
    env,
  });
  assert.doesNotMatch(refused.stdout + refused.stderr, /wr0ng/);
  const done = await box.nerdctl(args, { input: 'testpass\r\n\n', env });
  assert.equal(done.stdout, 'Login Succeeded\n');
  assert.match(done.stderr, new RegExp(`^\nWARNING! Your credentials are stored unencrypted in '${config}'.\n`));
  assert.equal(statSync(config).mode & 0o777, 0o600);
  assert.deepEqual(auths(), { [registry.host]: { auth: Buffer.from('testuser:testpass').toString('base64') } });
  const again = await box.nerdctl(['login', registry.host], { env });
  assert.match(again.stderr, /^Authenticating with existing credentials... \[Username: testuser\]\n/);
  assert.equal(again.stdout, 'Login Succeeded\n');
  assert.equal(
    await box.ok(['logout', `https://${registry.host}/`], { env }),
    `Removing login credentials for ${registry.host}`,
  );
  assert.deepEqual(auths(), {});
});

test('of logins and logouts at the same time none is lost', async () => {
  const open = createServer((_, response) => response.end()).listen(0, '0.0.0.0');
  await once(open, 'listening');
  const { port } = open.address() as AddressInfo;
  const hosts = [1, 2, 3, 4, 5, 6].map((n) => `127.0.0.${n}:${port}`);
  const own = { DOCKER_CONFIG: join(temporaryDir(box), 'not-there-yet') };
  const entries = () => Object.keys(JSON.parse(readFileSync(join(own.DOCKER_CONFIG, 'config.json'), 'utf8')).auths);
  try {
    const login = (host: string) => box.ok(['login', '-u', 'me', '--password-stdin', host], { env: own, input: 'x' });
    await Promise.all(hosts.map(login));
    assert.deepEqual(entries().sort(), hosts);
    await Promise.all(hosts.slice(1).map((host) => box.ok(['logout', host], { env: own })));
    assert.deepEqual(entries(), hosts.slice(0, 1));
  } finally {
    open.close();
  }
});

test('login asks on a terminal, and shows nothing of the password', { skip }, async () => {
  const terminal = box.terminal(['login', registry.host], { env });
  await terminal.shows('Username: ');
  terminal.type('testuser\r');
  await terminal.shows('Password: ');
  terminal.type('wrong\x15testpaSX\x7f\x7f');
  terminal.type('ss\r');
  await terminal.shows('Login Succeeded');
  assert.equal((await terminal.ended).code, 0);
  assert.doesNotMatch(terminal.screen(), /wrong|testp/);
  const left = box.terminal(['login', '-u', 'testuser', registry.host], { env });
  await left.shows('Password: ');
  left.type('x\x03');
  assert.equal((await left.ended).code, 130);
});

test('login refuses in docker’s words', async () => {
  const table: [args: string[], sentence: RegExp][] = [
    [['r.test'], /^Error: Cannot perform an interactive login from a non TTY device\n$/],
    [['-u', 'u', '-p', 'p', '--password-stdin'], /^conflicting options: cannot specify both --password and --password/],
    [['--password-stdin', 'r.test'], /^the --password-stdin option requires --username to be set\n$/],
    [['-u', '', 'r.test'], /^username is empty\n$/],
    [['-u', 'u', '-p', '', 'r.test'], /^password is empty\n$/],
    [['-u', 'u', '-p', 'p', 'no such'], /^WARNING! Using --password via the CLI is insecure.*\nError.*unable to parse/],
    [['-u', 'u', '-p', 'p', 'https://u:s3cret@r.test'], /unable to parse server address: "\*\*\*@r.test"\n$/],
    [['-u', 'u', '-p', 'p', 'r.test:99999'], /^WARNING!.*\nError response from daemon: r.test:99999 is no address of/],
    [['-u', 'u', '-p', 'p', '127.0.0.1:1'], /cannot reach registry https:\/\/127.0.0.1:1: connection refused/],
  ];
  for (const [args, sentence] of table) await box.fails(['login', ...args], 1, sentence, { env });
});

test('a credential helper keeps it', { skip }, async () => {
  const helper = join(env.DOCKER_CONFIG!, 'docker-credential-box');
  writeFileSync(
    helper,
    `#!/bin/sh
cd "$DOCKER_CONFIG"
case $1 in
store) cat >kept ;;
get) [ -e kept ] && cat kept || { echo credentials not found in native keychain; exit 1; } ;;
erase) rm -f kept ;;
esac
`,
  );
  chmodSync(helper, 0o755);
  writeFileSync(config, JSON.stringify({ credsStore: 'box' }));
  const done = await box.nerdctl(['login', '-u', 'testuser', '--password-stdin', registry.host], {
    input: 'testpass',
    env,
  });
  assert.deepEqual([done.code, done.stdout, done.stderr], [0, 'Login Succeeded\n', '']);
  assert.deepEqual(auths(), { [registry.host]: {} });
  assert.doesNotMatch(readFileSync(config, 'utf8'), /testpass|dGVzd/);
  assert.match((await box.nerdctl(['login', registry.host], { env })).stdout, /Login Succeeded/);
  await box.ok(['logout', registry.host], { env });
  await box.fails(['login', registry.host], 1, /non TTY device/, { env });
  writeFileSync(config, JSON.stringify({ credsStore: 'gone' }));
  await box.fails(
    ['login', '-u', 'testuser', '-p', 'testpass', registry.host],
    1,
    /Error saving credentials: error storing credentials - err: exec: "docker-credential-gone": executable file not found in \$PATH/,
    { env },
  );
  rmSync(config);
});

test('a token server: the identity token it gives is kept instead of the password', async () => {
  const seen: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const { authorization = 'none' } = request.headers;
    seen.push(`${request.method} ${url.pathname} ${authorization.split(' ')[0]} ${url.searchParams}`);
    if (url.pathname === '/token' && authorization.startsWith('Basic ')) {
      const good = Buffer.from(authorization.slice(6), 'base64').toString() === 'u:p';
      return void response.writeHead(good ? 200 : 401).end('{"token":"T","refresh_token":"R"}');
    }
    if (authorization === 'Bearer T') return void response.writeHead(200).end('{}');
    const { port } = server.address() as AddressInfo;
    const challenge = `Bearer realm="http://127.0.0.1:${port}/token",service="S"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await box.fails(['login', '-u', 'u', '-p', 'bad', host], 1, /unauthorized: incorrect username or password/, {
      env,
    });
    const done = await box.nerdctl(['login', '-u', 'u', '-p', 'p', host], { env });
    assert.equal(done.stdout, 'Login Succeeded\n');
    assert.doesNotMatch(done.stderr, /unencrypted/);
    assert.deepEqual(auths()[host], { auth: Buffer.from('u:').toString('base64'), identitytoken: 'R' });
    assert.ok(seen.includes('GET /token Basic service=S&offline_token=true&client_id=docker&account=u'), seen.join());
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
