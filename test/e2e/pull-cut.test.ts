import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { addImage, type FakeRegistry, fakeRegistry, type TestImage } from '../contract/image/fake-registry.ts';
import { hostArchitecture, tar } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';
import { eventually } from '../harness/eventually.ts';
import type { Running } from '../harness/program.ts';

const box = openBox(import.meta.url);
const size = 4 << 20;
let registry: FakeRegistry;
let image: TestImage;
let name: string;
let count = 0;
/** Bodies of the large layer that have been begun and not ended. */
let held: ServerResponse[];

before(async () => {
  await box.ok(['images']);
  registry = await fakeRegistry();
});
after(() => registry.close());

const large = () => image.layers[1]!;
const blob = () => registry.blobs.get(large())!;
const requests = () => registry.requests.filter(({ url }) => url.endsWith(large()));
const manifests = () => registry.requests.filter(({ url }) => /\/manifests\/v\d+$/.test(url)).length;
const start = (...args: string[]): Running => box.start(['pull', '-q', ...args]);

/** The first answer for the large layer stops in its middle. */
beforeEach(async () => {
  name = `${registry.host}/team/app:v${++count}`;
  const layers = [await tar([{ path: 'etc' }]), await tar([{ path: 'random', body: randomBytes(size) }])];
  image = addImage(registry, `v${count}`, layers, hostArchitecture());
  registry.requests.length = 0;
  held = [];
  registry.misbehave = (request, response, nth) => {
    if (!request.url?.endsWith(large()) || nth > 1) return false;
    response.writeHead(200, { 'content-length': blob().length });
    response.write(blob().subarray(0, size / 2));
    held.push(response);
    return true;
  };
});

const halfWay = () =>
  eventually(async () => {
    const row = (await box.ctr(['content', 'active'])).split('\n').find((line) => line.includes(large()));
    return row !== undefined && !/\s0 ?B\s/.test(row) && held.length > 0;
  }, 'half of the layer to be here');

async function whole(): Promise<void> {
  assert.equal(await box.ok(['images', '-q', '--no-trunc', name]), image.config);
  const out = await box.ok(['run', '--rm', '--network', 'none', '--entrypoint', '/nothing', name]).catch(String);
  assert.match(out, /no such file/, 'unpacked');
  await box.ok(['rmi', name]);
}

test('two processes that pull the same image fetch each layer once', async () => {
  const first = start(name);
  await halfWay();
  const second = start(name);
  await eventually(() => manifests() >= 2, 'the second to ask for the manifest');
  await eventually(() => registry.requests.length >= 4, 'the second to have the documents');
  held[0]!.end(blob().subarray(size / 2));
  for (const { result } of [first, second]) assert.equal((await result).code, 0, (await result).stderr);
  for (const digest of image.layers) {
    assert.equal(registry.requests.filter(({ url }) => url.endsWith(digest)).length, 1, digest);
  }
  await whole();
});

test('when one of two is killed, the other goes on where it was', async () => {
  const first = start(name);
  await halfWay();
  const second = start(name);
  await eventually(() => manifests() >= 2, 'the second to ask for the manifest');
  first.kill('SIGKILL');
  assert.equal((await second.result).code, 0, (await second.result).stderr);
  assert.equal(requests().length, 2);
  assert.match(requests()[1]!.headers.range ?? '', /^bytes=[1-9]\d{5,}-$/);
  await whole();
  await box.ok(['image', 'prune', '-f']);
});

test('what a killed pull has left the next one uses, or the collector removes', async () => {
  const state = async () =>
    (
      await Promise.all(
        [
          ['content', 'ls', '-q'],
          ['content', 'active'],
          ['snapshots', 'ls'],
          ['leases', 'ls'],
        ].map(box.ctr),
      )
    ).map((text) => text.split('\n').sort());
  const before = await state();
  const killed = start(name);
  await halfWay();
  killed.kill('SIGKILL');
  await killed.result;
  await box.ok(['pull', '-q', name]);
  assert.match(requests()[1]!.headers.range ?? '', /^bytes=[1-9]\d{5,}-$/);
  assert.equal(registry.requests.filter(({ url }) => url.endsWith(image.layers[0]!)).length, 1);
  await whole();
  assert.deepEqual(await state(), before, 'all of it went with the image');

  // Nobody comes back for this one.
  image = addImage(registry, `v${++count}`, [await tar([{ path: 'etc' }]), randomBytes(size)], hostArchitecture());
  const gone = start(`${registry.host}/team/app:v${count}`);
  await halfWay();
  gone.kill('SIGKILL');
  await gone.result;
  assert.notDeepEqual(await state(), before);
  await box.ok(['image', 'prune', '-f']);
  await eventually(async () => JSON.stringify(await state()) === JSON.stringify(before), 'the collector');
});

/** It takes connections and says nothing. */
async function silentServer(): Promise<{ address: string; taken: Socket[]; close(): void }> {
  const taken: Socket[] = [];
  const server = createServer((socket) => void taken.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of taken) socket.destroy();
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, taken, close };
}

test('Ctrl-C stops at once, whatever is being waited for', async () => {
  const silent = await silentServer();
  const asked = (least = 1) => eventually(() => silent.taken.length >= least, 'a connection');
  const proxy = (address: string) => ({ https_proxy: address, http_proxy: address });
  await box.ok(['tag', 'bb', `${silent.address}/bb`]);
  const table: [what: string, begin: () => Running, ready: () => Promise<unknown>][] = [
    ['a layer', () => start(name), halfWay],
    ['a registry', () => start(`${silent.address}/app`), asked],
    ['its upload', () => box.start(['push', '-q', `${silent.address}/bb`]), asked],
    ['login', () => box.start(['login', '-u', 'u', '-p', 'p', silent.address]), asked],
    ['search', () => box.start(['search', `${silent.address}/x`]), asked],
    ['a list', () => box.start(['manifest', 'inspect', `${silent.address}/x:1`]), asked],
    ['an archive', () => box.start(['import', `http://${silent.address}/x.tar`]), asked],
    ['a proxy', () => box.start(['pull', 'registry.test/x'], { env: proxy(`http://${silent.address}`) }), asked],
    ['SOCKS', () => box.start(['pull', 'registry.test/x'], { env: proxy(`socks5://${silent.address}`) }), asked],
  ];
  const slow: string[] = [];
  for (const [what, begin, ready] of table) {
    silent.taken.length = 0;
    const running = begin();
    await ready();
    const at = Date.now();
    running.kill('SIGINT');
    const { code, stderr } = await running.result;
    const took = Date.now() - at;
    if (took > 3000 || code !== 130 || /\n\s+at /.test(stderr))
      slow.push(`${what}: ${took} ms, exit ${code}: ${stderr}`);
  }
  silent.close();
  assert.deepEqual(slow, []);
  await box.ok(['rmi', `${silent.address}/bb`]);
  await box.ok(['pull', '-q', name]);
  assert.match(requests()[1]!.headers.range ?? '', /^bytes=[1-9]\d{5,}-$/, 'what was there is used');
  await box.ok(['rmi', name]);
  await box.ok(['image', 'prune', '-f']);
});
