import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { unpackDebs } from './debs.ts';
import { findProgram } from './engines.ts';
import { eventually } from './eventually.ts';

/**
 * The distribution's registry server: the machine's own, or Debian's package unpacked into the cache.
 * @param mayBeOwn whether it is for this machine itself, which may have one
 */
export async function findRegistry(cache: string, mayBeOwn = true): Promise<{ path: string } | { missing: string }> {
  const own = mayBeOwn ? findProgram('docker-registry') : undefined;
  if (own !== undefined) return { path: own };
  const debs = await unpackDebs(cache, 'trixie', ['docker-registry']);
  if ('missing' in debs) return debs;
  const path = join(debs.root, 'usr/bin/docker-registry');
  return existsSync(path) ? { path } : { missing: 'the registry server (package docker-registry)' };
}

/** For `skip` of tests that need it. @param path that of the lane */
export const lacksRegistry = (path: string | undefined) =>
  path === undefined && 'this machine lacks the registry server (package docker-registry)';

/** User `testuser` with password `testpass`, as bcrypt. */
const htpasswd = 'testuser:$2y$05$abcdefghijklmnopqrstuuY2rr7L.d/LF6rPH7pelavN71FckQOVO\n';

export interface RegistryOptions {
  /** `htpasswd` lets testuser in; an object is the `token` section of the configuration. */
  auth?: 'htpasswd' | { realm: string; service: string; issuer: string; rootcertbundle: string };
  tls?: { certificate: string; key: string; clientcas?: string[] };
  /** A free one unless given. */
  port?: number;
}

export interface Registry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** What it was asked, a line for each request. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts a registry with its files in `dir`; a second one there serves what the first has kept. */
export async function startRegistry(program: string, dir: string, options: RegistryOptions = {}): Promise<Registry> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'htpasswd'), htpasswd);
  const port = options.port ?? (await freePort());
  const host = `127.0.0.1:${port}`;
  const { auth, tls } = options;
  // JSON is YAML.
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: host, secret: 'x', ...(tls && { tls }) },
    ...(auth === 'htpasswd' && { auth: { htpasswd: { realm: 'test', path: join(dir, 'htpasswd') } } }),
    ...(typeof auth === 'object' && { auth: { token: auth } }),
  };
  const file = join(dir, 'config.yml');
  writeFileSync(file, JSON.stringify(config));
  const log = join(dir, 'log');
  const out = openSync(log, 'a');
  const child = spawn(program, ['serve', file], { stdio: ['ignore', out, out] });
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`the registry ended:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    return isOpen(port);
  }, `the registry at ${host}`);
  return { host, log: () => readFileSync(log, 'utf8'), stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  const connection = createConnection(port, '127.0.0.1');
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
