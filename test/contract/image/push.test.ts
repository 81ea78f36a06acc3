import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Engine } from '../../../src/engine/engine.ts';
import { pullImage } from '../../../src/engine/image/pull.ts';
import { type PushOptions, pushImage } from '../../../src/engine/image/push.ts';
import type { PushEvent } from '../../../src/engine/image/push-events.ts';
import { fakeContainerd, type Stores } from './fake-containerd.ts';
import { type FakePushRegistry, fakePushRegistry, sendError } from './fake-push-registry.ts';
import {
  addImage,
  addIndex,
  digestOf,
  entryOf,
  type FakeRegistry,
  fakeRegistry,
  putIndex,
  type TestImage,
} from './fake-registry.ts';

const large = 3 << 20;

describe('push to a registry', () => {
  let origin: FakeRegistry;
  let registry: FakePushRegistry;
  let stores: Stores;
  let engine: Engine;
  let image: TestImage;
  let dir: string;
  let stop: AbortController;

  beforeEach(async () => {
    origin = await fakeRegistry();
    registry = await fakePushRegistry();
    image = addImage(origin, 'v1', [100, large]);
    dir = mkdtempSync(join(tmpdir(), 'nerdctl-push-'));
    const fake = fakeContainerd();
    stores = fake.stores;
    stop = new AbortController();
    const settings = { snapshotter: 'overlayfs', hostsDir: [join(dir, 'certs.d')], insecureRegistry: false };
    engine = { containerd: fake.containerd, settings, signal: stop.signal } as unknown as Engine;
  });

  afterEach(async () => {
    await Promise.all([origin.close(), registry.close()]);
    rmSync(dir, { recursive: true });
  });

  /** Brings an image of the origin here under a name of the registry that is pushed to. */
  async function have(tag: string, name = 'team/app', allPlatforms = false): Promise<void> {
    await pullImage(engine, `${origin.host}/team/app:${tag}`, { dockerConfig: dir, allPlatforms });
    const record = stores.images.get(`${origin.host}/team/app:${tag}`)!;
    stores.images.set(`${registry.host}/${name}:${tag}`, { ...record, name: `${registry.host}/${name}:${tag}` });
  }
  const push = async (tag = 'v1', options: PushOptions = {}, name = 'team/app'): Promise<PushEvent[]> => {
    const events: PushEvent[] = [];
    await pushImage(engine, `${registry.host}/${name}:${tag}`, {
      dockerConfig: dir,
      onEvent: (event) => events.push(event),
      ...options,
    });
    return events;
  };
  const states = (events: PushEvent[]) => events.flatMap((event) => (event.type === 'layer' ? [event.state] : []));
  const asked = (method: string) => registry.requests.filter((request) => request.method === method);
  const there = (name = 'team/app') => registry.repository(name);

  /** Everything of the image is at the registry, to the last byte. */
  function assertPushed(tag = 'v1', name = 'team/app'): void {
    const { type, bytes } = there(name).manifests.get(tag)!;
    assert.deepEqual(bytes, origin.manifests.get(tag)!.bytes);
    assert.equal(type, origin.manifests.get(tag)!.type);
    for (const digest of [image.config, ...image.layers]) {
      assert.equal(digestOf(there(name).blobs.get(digest)!), digest);
    }
  }

  it('sends blobs, then the manifest, and the second time only asks', async () => {
    await have('v1');
    const events = await push();
    assertPushed();
    assert.equal(states(events).filter((state) => state === 'pushed').length, 2);
    const last = events.at(-1)!;
    assert.ok(last.type === 'pushed' && last.digest === image.digest && last.tag === 'v1');
    registry.requests.length = 0;
    assert.equal(states(await push()).filter((state) => state === 'exists').length, 2);
    assert.deepEqual([asked('POST').length, asked('PATCH').length, asked('PUT').length], [0, 0, 1]);
  });

  it('mounts what it has pushed before, and sends what it may not mount', async () => {
    await have('v1');
    await have('v1', 'other/app');
    await have('v1', 'third/app');
    await push();
    const mounted = await push('v1', {}, 'other/app');
    assert.ok(
      mounted.some((event) => event.type === 'layer' && event.state === 'mounted' && event.from === 'team/app'),
    );
    assertPushed('v1', 'other/app');
    registry.misbehave = (request, response) => {
      if (!request.url?.includes('mount=')) return false;
      sendError(response, 403, 'DENIED');
      return true;
    };
    assert.equal(states(await push('v1', {}, 'third/app')).filter((state) => state === 'pushed').length, 2);
    assertPushed('v1', 'third/app');
  });

  it('goes on after a cut from what the registry has', async () => {
    await have('v1');
    let cut = false;
    registry.misbehave = (request) => {
      if (request.method !== 'PATCH' || cut) return false;
      cut = true;
      let received = 0;
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received > large / 3) request.socket.destroy();
      });
      return false;
    };
    assert.ok(states(await push()).includes('retrying'));
    const resumed = asked('PATCH').at(-1)!;
    assert.match(resumed.headers['content-range'] ?? '', /^[1-9]\d{4,}-\d+$/);
    assertPushed();
  });

  it('begins again where the registry is wrong about what it has', async () => {
    await have('v1');
    let cut = false;
    registry.misbehave = (request, response) => {
      // Half of it, whatever there is.
      if (request.method === 'GET') {
        const headers = { location: request.url, range: `0-${large / 2}` };
        return !!response.writeHead(204, headers).end();
      }
      if (request.method === 'PATCH' && !cut) {
        cut = true;
        request.socket.destroy();
        return true;
      }
      return false;
    };
    await push();
    assertPushed();
  });

  const wishes: [what: string, misbehave: FakePushRegistry['misbehave'], patches: (count: number) => boolean][] = [
    [
      'in chunks where one request is too large',
      (request, response) => {
        if (request.method !== 'PATCH' || Number(request.headers['content-length']) <= 1 << 20) return false;
        response.writeHead(413, { connection: 'close' }).end();
        return true;
      },
      (count) => count >= 4,
    ],
    [
      'in chunks where the registry names their size',
      (request, response) => {
        if (request.method === 'POST') response.setHeader('OCI-Chunk-Min-Length', '1000');
        return false;
      },
      (count) => count === 1,
    ],
    [
      'in one PUT where it knows no PATCH',
      (request, response) => request.method === 'PATCH' && !!response.writeHead(405, { connection: 'close' }).end(),
      (count) => count === 1,
    ],
  ];
  for (const [what, misbehave, patches] of wishes) {
    it(`sends a blob ${what}`, async () => {
      await have('v1');
      registry.misbehave = misbehave;
      await push();
      assert.ok(patches(asked('PATCH').length), String(asked('PATCH').length));
      assertPushed();
    });
  }

  it('rests as long as Retry-After says, and gives up what cannot succeed', async () => {
    await have('v1');
    const seen = new Set<string>();
    registry.misbehave = (request, response) => {
      const key = `${request.method} ${request.url?.replace(/uploads\/u\d+.*/, 'uploads')}`;
      if (seen.has(key)) return false;
      seen.add(key);
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    };
    await push();
    assertPushed();
    registry.misbehave = (request, response) => {
      if (request.method === 'PUT') sendError(response, 400, 'MANIFEST_INVALID');
      return request.method === 'PUT';
    };
    await assert.rejects(push(), { message: 'manifest invalid: manifest invalid' });
    registry.misbehave = (_, response) => !!response.writeHead(200).end('<html>');
    await assert.rejects(push(), /did not say that it keeps the manifest: status 200/);
    registry.misbehave = (_, response) => !!response.writeHead(403).end('<html>no');
    await assert.rejects(push(), { message: 'denied: requested access to the resource is denied' });
  });

  it('asks for one token that may push, and for another one when it has expired', async () => {
    await have('v1');
    const auth = Buffer.from('u:p').toString('base64');
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const scopes: (string | null)[] = [];
    registry.misbehave = (request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      if (url.pathname === '/token') {
        scopes.push(url.searchParams.get('scope'));
        assert.equal(request.headers.authorization, `Basic ${auth}`);
        response.end(`{"access_token":"T${scopes.length}"}`);
        return true;
      }
      const expired = request.method === 'PUT' && url.pathname.endsWith('/v1') && scopes.length < 2;
      if (request.headers.authorization === `Bearer T${scopes.length}` && scopes.length > 0 && !expired) return false;
      const scope = `repository:team/app:${request.method === 'HEAD' ? 'pull' : 'pull,push'}`;
      const challenge = `Bearer realm="http://${registry.host}/token",service="s",scope="${scope}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    };
    await push();
    assertPushed();
    assert.deepEqual(scopes, ['repository:team/app:pull,push', 'repository:team/app:pull,push']);
  });

  it('shows credentials to nobody that the registry names as the place of an upload', async () => {
    await have('v1');
    const auth = Buffer.from('u:p').toString('base64');
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const seen: IncomingMessage['headers'][] = [];
    const thief = createServer((request: IncomingMessage, response: ServerResponse) => {
      seen.push(request.headers);
      request.resume();
      const realm = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/token`;
      response.writeHead(401, { 'www-authenticate': `Basic realm="x", Bearer realm="${realm}"` }).end('{"token":"T"}');
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    registry.misbehave = (request, response) => {
      if (request.headers.authorization !== `Basic ${auth}`) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        return true;
      }
      if (request.method !== 'POST') return false;
      const { port } = thief.address() as AddressInfo;
      response.writeHead(202, { location: `http://127.0.0.1:${port}/upload` }).end();
      return true;
    };
    try {
      await assert.rejects(push(), { message: 'unauthorized: authentication required' });
      assert.ok(seen.length > 0);
      assert.deepEqual(
        seen.flatMap(({ authorization }) => authorization ?? []),
        [],
      );
    } finally {
      thief.close();
      thief.closeAllConnections();
    }
  });

  it('pushes an index as it is, or what of it is here', async () => {
    const images = {
      amd64: image,
      arm64: addImage(origin, 'arm', [50], 'arm64'),
      s390x: addImage(origin, 's', [60], 's390x'),
    };
    const digest = addIndex(origin, 'multi', images);
    await have('multi', 'team/app', true);
    await push('multi');
    assertPushed('multi');
    assert.equal(there().manifests.size, 6, 'tag and digest of the index, three images, an attestation');

    // One image is not here: the registry may have it.
    stores.blobs.delete(images.s390x.layers[0]!);
    assert.ok(!(await push('multi')).some(({ type }) => type === 'reduced'));
    await have('multi', 'part');
    const events = await push('multi', {}, 'part');
    const reduced = events.find((event) => event.type === 'reduced')!;
    const { bytes } = there('part').manifests.get('multi')!;
    assert.deepEqual([reduced.original, reduced.pushed, reduced.single], [digest, digestOf(bytes), false]);
    const entries = JSON.parse(bytes.toString()).manifests as { platform: { architecture: string } }[];
    assert.deepEqual(
      entries.map(({ platform }) => platform.architecture),
      ['unknown', 'amd64', 'arm64'],
    );

    stores.blobs.delete(images.arm64.digest);
    await have('multi', 'one');
    await push('multi', {}, 'one');
    assert.equal(digestOf(there('one').manifests.get('multi')!.bytes), image.digest);
    await assert.rejects(
      push('multi', { allPlatforms: true }, 'one'),
      /has no content for linux\/arm64.*, linux\/s390x/,
    );
    await assert.rejects(
      push('multi', { platforms: ['linux/arm64'] }, 'one'),
      /does not provide the specified platform/,
    );
  });

  it('pushes the indexes in an index before it', async () => {
    const arm = addImage(origin, 'arm', [50], 'arm64');
    const inner = addIndex(origin, 'inner', { amd64: image });
    const deep = putIndex(origin, 'deep', [
      entryOf(origin, inner),
      entryOf(origin, 'arm', { os: 'linux', architecture: 'arm64' }),
    ]);
    putIndex(origin, 'multi', [entryOf(origin, deep)]);
    await have('multi', 'team/app', true);
    await push('multi', { allPlatforms: true });
    assertPushed('multi');
    const order = asked('PUT').flatMap(({ url }) => /manifests\/(.*)$/.exec(url)?.[1] ?? []);
    assert.deepEqual(order.slice(-3), [inner, deep, 'multi']);

    await have('multi', 'part');
    stores.blobs.delete(image.layers[0]!);
    await push('multi', {}, 'part');
    assert.equal(digestOf(there('part').manifests.get('multi')!.bytes), arm.digest);
  });

  it('stops at once at Ctrl-C', async () => {
    await have('v1');
    registry.misbehave = (request) => {
      if (request.method !== 'PATCH') return false;
      stop.abort(new Error('interrupted'));
      return true;
    };
    await assert.rejects(push(), { message: 'interrupted' });
  });
});
