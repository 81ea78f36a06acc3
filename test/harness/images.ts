import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerArchive, type Entry, type ImageSpec, sha256 } from './archive.ts';
import { unpackDebs } from './debs.ts';
import { findProgram } from './engines.ts';

const applets =
  'sh cat ls echo env id true false sleep ps kill mount umount hostname wget httpd nc ip ping nslookup head tail dd ' +
  'touch rm mkdir chmod chown stat df grep sed awk wc tr cut sort test printf pwd stty tty yes seq date uname sha256sum ' +
  'sync trap vi ln mv cp find xargs tee free nproc timeout mknod getopt expr od md5sum';

const exec = promisify(execFile);

/** Static, and its wget works: the busybox of Debian 12 dies of SIGSEGV when wget gets an answer. */
async function isUsable(busybox: string): Promise<boolean> {
  const isDynamic = await exec('ldd', [busybox]).then(
    () => true,
    () => false,
  );
  if (isDynamic) return false;
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fetched = await exec(busybox, ['wget', '-q', '-O', '-', `http://127.0.0.1:${port}/`]).catch(() => undefined);
  server.close();
  return fetched?.stdout === 'ok';
}

async function workingBusybox(cache: string): Promise<string> {
  const own = findProgram('busybox');
  if (own !== undefined && (await isUsable(own))) return own;
  const debs = await unpackDebs(cache, 'trixie', ['busybox-static']);
  if (!('missing' in debs)) {
    const found = ['usr/bin/busybox', 'bin/busybox'].map((f) => join(debs.root, f)).find((f) => existsSync(f));
    if (found !== undefined && (await isUsable(found))) return found;
  }
  if (own === undefined) throw new Error('no busybox for the test images: install busybox-static');
  return own;
}

const base = (busybox: Buffer): Entry[] => [
  ...['bin', 'etc', 'home', 'root', 'dev', 'proc', 'sys', 'var', 'usr'].map((path) => ({ path })),
  { path: 'tmp', mode: 0o1777 },
  { path: 'bin/busybox', body: busybox, mode: 0o755 },
  ...applets.split(' ').map((name) => ({ path: `bin/${name}`, link: 'bin/busybox', hard: true })),
  { path: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n' },
  { path: 'etc/group', body: 'root:x:0:\nweb:x:1000:\nextra:x:1001:web\n' },
];

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The images of the tests by what they are for; all share the first layer. */
function imageSpecs(busybox: Buffer): ImageSpec[] {
  const first = base(busybox);
  const page: Entry[] = [{ path: 'www' }, { path: 'www/index.html', body: 'hello from the page\n' }];
  return [
    { name: 'bb:latest', layers: [first], config: { Env: [PATH], Cmd: ['sh'] } },
    {
      name: 'web:latest',
      layers: [first, page],
      gzip: true,
      config: {
        Env: [PATH],
        Cmd: ['httpd', '-f', '-p', '80', '-h', '/www'],
        ExposedPorts: { '80/tcp': {} },
        Labels: { 'org.example.kind': 'web' },
      },
    },
    {
      name: 'full:latest',
      gzip: true,
      layers: [
        first,
        [
          { path: 'home/web', uid: 1000, gid: 1000 },
          { path: 'data', uid: 1000, gid: 1000, mode: 0o750 },
          { path: 'data/seed', body: 'seeded\n', uid: 1000, gid: 1000 },
          { path: 'gone', body: 'a later layer deletes this\n' },
        ],
        [{ path: '.wh.gone', body: '' }],
      ],
      config: {
        Env: [PATH, 'FROM_IMAGE=yes'],
        User: 'web',
        WorkingDir: '/home/web',
        Entrypoint: ['/bin/echo', 'entry'],
        Cmd: ['from-image'],
        Volumes: { '/data': {} },
        ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
        StopSignal: 'SIGQUIT',
        Labels: { 'org.example.kind': 'full' },
      },
    },
  ];
}

export interface TestImages {
  /** The docker archive that every test starts with: bb, web and full. */
  archive: string;
  busybox: string;
}

/** Builds the images once per busybox and per content of this file, into `<cache>/images`. */
export async function testImages(cache: string): Promise<TestImages> {
  const busybox = await workingBusybox(cache);
  const body = readFileSync(busybox);
  const dir = join(cache, 'images');
  const key = sha256(sha256(body) + readFileSync(new URL(import.meta.url), 'utf8'));
  const archive = join(dir, `${key.slice(0, 16)}.tar`);
  if (!existsSync(archive)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(archive, await dockerArchive(imageSpecs(body)));
  }
  return { archive, busybox };
}
