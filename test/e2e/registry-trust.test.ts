import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dockerArchive } from '../harness/archive.ts';
import { openBox, temporaryDir } from '../harness/box.ts';
import { makeCertificates } from '../harness/certificates.ts';
import { lacksRegistry, type RegistryOptions, startRegistry } from '../harness/registry.ts';
import { startTokenServer } from '../harness/token-server.ts';

const box = openBox(import.meta.url);
const pki = join(box.dir, 'pki');
const skip = lacksRegistry(box.lane.registry) || (makeCertificates(pki, ['IP:127.0.0.1']) ?? false);
const stops: (() => unknown)[] = [];
after(() => Promise.all(stops.map((stop) => stop())));

async function start(name: string, options: RegistryOptions = {}) {
  const registry = await startRegistry(box.lane.registry!, join(box.dir, name), options);
  stops.push(registry.stop);
  return registry;
}

test('an authority of our own and client certificates, by hosts.toml and by docker’s certs.d', { skip }, async () => {
  const tls = { certificate: join(pki, 'server.crt'), key: join(pki, 'server.key'), clientcas: [join(pki, 'ca.crt')] };
  const { host } = await start('tls', { auth: 'htpasswd', tls });
  const hosts = temporaryDir(box);
  const dir = join(hosts, 'registry.test');
  mkdirSync(dir);
  const env = { DOCKER_CONFIG: temporaryDir(box) };
  const toml = (...lines: string[]) =>
    writeFileSync(join(dir, 'hosts.toml'), [`server = "https://${host}"`, ...lines].join('\n'));
  const name = 'registry.test/team/bb';
  await box.ok(['tag', 'bb', name]);
  const push = ['--hosts-dir', hosts, 'push', name];

  toml();
  await box.fails(push, 1, /cannot reach registry https:\S+: certificate signed by unknown authority$/m, { env });
  toml('ca = "ca.crt"');
  cpSync(join(pki, 'ca.crt'), join(dir, 'ca.crt'));
  await box.fails(push, 1, /the server wants a client certificate that it knows$/m, { env });
  toml('ca = "ca.crt"', `client = [["${join(pki, 'client.crt')}", "${join(pki, 'client.key')}"]]`);
  await box.fails(push, 1, /^unauthorized: authentication required$/m, { env });
  const login = ['--hosts-dir', hosts, 'login', '-u', 'testuser', '--password-stdin', 'registry.test'];
  await box.ok(login, { env, input: 'testpass' });
  assert.match(await box.ok(push, { env }), /^latest: digest: /m);
  await box.ok(['rmi', name]);
  await box.ok(['--hosts-dir', hosts, 'pull', '-q', name], { env });

  const certs = join(temporaryDir(box), 'certs.d');
  mkdirSync(join(certs, host), { recursive: true });
  for (const [from, to] of [
    ['ca.crt', 'ca.crt'],
    ['client.crt', 'me.cert'],
    ['client.key', 'me.key'],
  ] as const) {
    cpSync(join(pki, from), join(certs, host, to));
  }
  await box.ok(['tag', 'bb', `${host}/other`]);
  await box.ok(['--hosts-dir', certs, 'login', '-u', 'testuser', '--password-stdin', host], { env, input: 'testpass' });
  await box.ok(['--hosts-dir', certs, 'push', '-q', `${host}/other`], { env });
});

test('a token server: anonymous may pull, an identity token pushes and mounts', { skip }, async () => {
  const names = { service: 'S', issuer: 'I' };
  const tokens = await startTokenServer({ key: join(pki, 'ca.key'), certificate: join(pki, 'ca.crt'), ...names });
  stops.push(tokens.close);
  const { host } = await start('token', {
    auth: { realm: tokens.realm, ...names, rootcertbundle: join(pki, 'ca.crt') },
  });
  const env = { DOCKER_CONFIG: temporaryDir(box) };
  for (const name of ['one/web', 'two/web']) await box.ok(['tag', 'web', `${host}/${name}`]);
  await box.fails(['push', `${host}/one/web`], 1, /^denied: requested access to the resource is denied$/m, { env });
  await box.ok(['login', '-u', 'testuser', '--password-stdin', host], { env, input: 'testpass' });
  assert.doesNotMatch(readFileSync(join(env.DOCKER_CONFIG, 'config.json'), 'utf8'), /dGVzdHVzZXI6dGVz/);
  assert.match(await box.ok(['push', `${host}/one/web`], { env }), /: Pushed$/m);
  assert.match(await box.ok(['push', `${host}/two/web`], { env }), /: Mounted from one\/web$/m);
  // Which of the two comes first is up to the registry.
  const scopes = ['repository:two/web:pull,push', 'repository:one/web:pull'];
  const isForBoth = (line: string) => line.startsWith('POST ') && scopes.every((scope) => line.includes(`${scope} `));
  assert.ok(tokens.asked.some(isForBoth), tokens.asked.join('\n'));
  await box.ok(['logout', host], { env });
  // What is public is so also for who has a helper that is gone.
  writeFileSync(join(env.DOCKER_CONFIG, 'config.json'), '{"credsStore":"gone"}');
  await box.ok(['rmi', `${host}/two/web`]);
  await box.ok(['pull', '-q', `${host}/two/web`], { env });
});

test('an upload that was cut goes on where it was', { skip }, async () => {
  const size = 6 << 20;
  const { host } = await start('cut');
  let sent = 0;
  let cut = false;
  const between = createServer((socket: Socket) => {
    const onward = connect(Number(host.split(':')[1]), '127.0.0.1');
    socket.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      if (cut || sent < size / 2) return;
      cut = true;
      socket.destroy();
      onward.end();
    });
    socket.pipe(onward).pipe(socket);
    for (const each of [socket, onward]) each.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  stops.push(() => between.close());
  const name = `127.0.0.1:${(between.address() as AddressInfo).port}/large`;
  const layers = [[{ path: 'random', body: randomBytes(size) }]];
  await box.ok(['load'], { input: await dockerArchive([{ name: `${name}:latest`, layers }]) });
  const out = await box.ok(['push', name]);
  assert.match(out, /: Retrying in \d+ seconds?\n/);
  assert.match(out, /: Pushed\n/);
  assert.ok(cut && sent < 1.8 * size, `${sent} bytes sent for ${size}`);
  await box.ok(['rmi', name]);
  await box.ok(['pull', '-q', name]);
});
