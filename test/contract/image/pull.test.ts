import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Engine } from '../../../src/engine/engine.ts';
import { type PulledImage, type PullOptions, pullImage } from '../../../src/engine/image/pull.ts';
import type { PullEvent } from '../../../src/engine/image/pull-events.ts';
import { registryHosts } from '../../../src/registry/hosts.ts';
import { httpClient } from '../../../src/registry/http.ts';
import { fakeContainerd, type Stores } from './fake-containerd.ts';
import {
  addImage,
  addIndex,
  entryOf,
  type FakeRegistry,
  fakeRegistry,
  putIndex,
  type TestImage,
} from './fake-registry.ts';

interface ManifestJson {
  config: { digest: string };
  layers: { digest: string }[];
}

describe('pull from a registry', () => {
  let registry: FakeRegistry;
  let stores: Stores;
  let engine: Engine;
  let image: TestImage;
  let dir: string;
  let stop: AbortController;
  const servers: Server[] = [];

  beforeEach(async () => {
    registry = await fakeRegistry();
    image = addImage(registry, 'v1');
    dir = mkdtempSync(join(tmpdir(), 'nerdctl-pull-'));
    const fake = fakeContainerd();
    stores = fake.stores;
    stop = new AbortController();
    const settings = { snapshotter: 'overlayfs', hostsDir: [join(dir, 'certs.d')], insecureRegistry: false };
    engine = { containerd: fake.containerd, settings, signal: stop.signal } as unknown as Engine;
  });

  afterEach(async () => {
    await registry.close();
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(dir, { recursive: true });
  });

  const pull = (tag = 'v1', options: PullOptions = {}): Promise<PulledImage> =>
    pullImage(engine, `${registry.host}/team/app:${tag}`, { dockerConfig: dir, ...options });

  it('stores, unpacks and names the image', async () => {
    const states: string[] = [];
    const pulled = await pull('v1', {
      onEvent: (event: PullEvent) => event.type === 'layer' && states.push(event.state),
    });
    assert.equal(pulled.imageId, image.config);
    assert.equal(pulled.digest, image.digest);
    assert.equal(stores.images.get(`${registry.host}/team/app:v1`)?.target?.digest, image.digest);
    assert.equal(stores.snapshots.size, 2);
    const labels = stores.blobs.get(image.digest)!.labels;
    assert.equal(labels['containerd.io/gc.ref.content.config'], image.config);
    assert.equal(labels['containerd.io/gc.ref.content.l.1'], image.layers[1]);
    assert.equal(labels[`containerd.io/distribution.source.${registry.host}`], 'team/app');
    assert.ok(stores.blobs.get(image.config)!.labels['containerd.io/gc.ref.snapshot.overlayfs']);
    assert.equal(stores.leases.size, 0);
    for (const state of ['waiting', 'verifying', 'downloaded', 'complete']) assert.ok(states.includes(state), state);
  });

  it('fetches layers at the same time, and unpacks one while the next one is on its way', async () => {
    const [first, second] = image.layers as [string, string];
    const late = new Map<string, () => void>();
    registry.misbehave = (request, response) => {
      const digest = image.layers.find((layer) => request.url?.endsWith(layer));
      if (!digest) return false;
      late.set(digest, () => response.end(registry.blobs.get(digest)));
      // The first one comes when the second has been asked for, the second when the first is unpacked.
      if (late.size === 2) late.get(first)!();
      return true;
    };
    const onEvent = (event: PullEvent) => {
      if (event.type === 'layer' && event.digest === first && event.state === 'complete') late.get(second)!();
    };
    assert.equal((await pull('v1', { onEvent })).imageId, image.config);
  });

  it('asks one HEAD when nothing has changed', async () => {
    await pull();
    registry.requests.length = 0;
    assert.equal((await pull()).changed, false);
    assert.deepEqual(
      registry.requests.map(({ method }) => method),
      ['HEAD'],
    );
  });

  it('takes the platform asked for out of an index, never its attestation', async () => {
    const arm = addImage(registry, 'arm', [50], 'arm64');
    const digest = addIndex(registry, 'multi', { amd64: image, 'arm64/v8': arm });
    assert.equal((await pull('multi', { platform: 'linux/arm64' })).imageId, arm.config);
    assert.equal((await pull('multi', { platform: 'linux/amd64' })).imageId, image.config);
    assert.equal(stores.images.get(`${registry.host}/team/app:multi`)?.target?.digest, digest);
    await assert.rejects(pull('multi', { platform: 'linux/s390x' }), {
      message: 'no matching manifest for linux/s390x in the manifest list entries',
    });
  });

  it('brings all of an index with --all-platforms, the attestation as content alone', async () => {
    const arm = addImage(registry, 'arm', [50], 'arm64');
    const digest = addIndex(registry, 'multi', { amd64: image, arm64: arm });
    await pull('multi', { allPlatforms: true });
    const { manifests } = JSON.parse(stores.blobs.get(digest)!.bytes.toString()) as { manifests: { digest: string }[] };
    for (const { digest: child } of manifests) {
      const { config, layers } = JSON.parse(stores.blobs.get(child)!.bytes.toString()) as ManifestJson;
      for (const blob of [config, ...layers]) assert.ok(stores.blobs.has(blob.digest));
    }
    assert.equal(manifests.length, 3);
    assert.equal(stores.snapshots.size, 2, 'what runs here');
  });

  it('finds the platform in an index in the index, and asks for no other', async () => {
    const arm = addImage(registry, 'arm', [50], 'arm64');
    const inner = putIndex(registry, 'inner', [entryOf(registry, arm.digest)]);
    const other = putIndex(registry, 'other', [entryOf(registry, 'v1', { os: 'linux', architecture: 'amd64' })]);
    putIndex(registry, 'outer', [
      entryOf(registry, inner, { os: 'linux', architecture: 'arm64' }),
      entryOf(registry, other, { os: 'linux', architecture: 'amd64' }),
    ]);
    assert.equal((await pull('outer', { platform: 'linux/arm64' })).imageId, arm.config);
    assert.equal(stores.blobs.get(inner)!.labels['containerd.io/gc.ref.content.m.0'], arm.digest);
    assert.ok(!stores.blobs.has(other) && !stores.blobs.has(image.digest));
    assert.equal((await pull('outer', { platform: 'linux/amd64' })).imageId, image.config);
    await assert.rejects(
      pull('outer', { platform: 'linux/s390x' }),
      /^DockerError: no matching manifest for linux\/s390x/,
    );
  });

  it('believes an index about platforms, and only warns of an image by itself', async () => {
    const arm = { os: 'linux', architecture: 'arm64' };
    putIndex(registry, 'wrong', [entryOf(registry, 'v1', arm)]);
    const pulled = await pull('wrong', { platform: 'linux/arm64' });
    assert.deepEqual([pulled.imageId, pulled.warning], [image.config, undefined]);
    registry.requests.length = 0;
    await pull('wrong', { platform: 'linux/arm64' });
    assert.equal(registry.requests.length, 1, 'it is here');
    const { imageId, warning } = await pull('v1', { platform: 'linux/arm64' });
    assert.equal(imageId, image.config);
    assert.match(
      warning ?? '',
      /^image with reference \S+:v1 was found but its platform \(linux\/amd64\) does not match the specified platform \(linux\/arm64\)$/,
    );
  });

  it('goes on with a Range after the connection was cut', async () => {
    registry.misbehave = (request, response, nth) => {
      if (!request.url?.includes(image.layers[0]!) || nth > 1) return false;
      const blob = registry.blobs.get(image.layers[0]!)!;
      response.writeHead(200, { 'content-length': blob.length });
      response.write(blob.subarray(0, 120_000), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    await pull();
    const ranges = registry.requests
      .filter(({ url }) => url.includes(image.layers[0]!))
      .map(({ headers }) => headers.range);
    assert.equal(ranges[0], undefined);
    assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
  });

  it('goes on where a killed pull left its ingest, whatever the registry thinks of ranges', async () => {
    const blob = registry.blobs.get(image.layers[0]!)!;
    stores.ingests.set(`layer-${image.layers[0]}`, blob.subarray(0, 1000));
    registry.misbehave = (request, response) => {
      if (!request.url?.includes(image.layers[0]!)) return false;
      assert.equal(request.headers.range, 'bytes=1000-');
      response.writeHead(200, { 'content-length': blob.length }).end(blob);
      return true;
    };
    await pull();
  });

  it('starts over with a registry that sends a part and calls it something else', async () => {
    const blob = registry.blobs.get(image.layers[0]!)!;
    const answers: [status: number, headers: Record<string, string>][] = [
      [200, {}],
      [206, { 'content-range': 'bytes 5-9/10' }],
      [206, { 'content-range': 'bytes 2000-9999/10000' }],
      [206, {}],
    ];
    for (const [status, headers] of answers) {
      stores.ingests.set(`layer-${image.layers[0]}`, blob.subarray(0, 1000));
      stores.blobs.clear();
      stores.images.clear();
      stores.snapshots.clear();
      registry.misbehave = (request, response) => {
        if (!request.url?.includes(image.layers[0]!) || !request.headers.range) return false;
        const part = blob.subarray(1000);
        response.writeHead(status, { ...headers, 'content-length': part.length }).end(part);
        return true;
      };
      assert.equal((await pull()).imageId, image.config);
    }
  });

  it('does not wait for headers that come byte by byte', { timeout: 20_000 }, async () => {
    const slow = createServer((_, response) => {
      response.socket!.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => response.socket?.write('X: y\r\n'), 20);
      response.on('close', () => clearInterval(drip));
    });
    servers.push(slow);
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/v2`;
    const [host] = registryHosts('127.0.0.1:1', { dirs: [], insecure: false });
    const client = httpClient({ ...host!, url }, { userAgent: 'test', idleTimeout: 200 });
    const sent = client.send({ method: 'GET', url, signal: stop.signal });
    await assert.rejects(sent, /^RegistryError: cannot reach registry \S+: no answer for 0.2 seconds$/);
    client.close();
  });

  it('starts over when what was left is not the beginning of the blob', async () => {
    stores.ingests.set(`layer-${image.layers[0]}`, Buffer.alloc(1000, 7));
    await pull();
  });

  const failures: { title: string; misbehave: FakeRegistry['misbehave']; message: RegExp }[] = [
    {
      title: 'other content than the digest says',
      misbehave: (request, response) => {
        if (!request.url?.includes(image.layers[0]!)) return false;
        response.end(Buffer.alloc(registry.blobs.get(image.layers[0]!)!.length));
        return true;
      },
      message: /^filesystem layer verification failed for digest sha256:/,
    },
    {
      title: 'more bytes than the manifest says',
      misbehave: (request, response) => {
        if (!request.url?.includes(image.layers[1]!)) return false;
        const more = (): void => void (response.destroyed || response.write(Buffer.alloc(1 << 20), more));
        more();
        return true;
      },
      message: /sent more than the \d+ bytes/,
    },
    {
      title: 'fewer bytes than the manifest says',
      misbehave: (request, response, nth) => {
        if (!request.url?.includes(image.layers[0]!)) return false;
        assert.ok(nth < 10, 'it gives up');
        if (request.headers.range) response.writeHead(416).end();
        else response.end(registry.blobs.get(image.layers[0]!)!.subarray(0, 1000));
        return true;
      },
      message: /^filesystem layer verification failed for digest \S+: the registry has less than the \d+ bytes that/,
    },
    {
      title: 'HTML in place of a layer',
      misbehave: (request, response) => {
        if (!request.url?.includes(image.layers[0]!)) return false;
        const page = '<html>'.padEnd(registry.blobs.get(image.layers[0]!)!.length);
        response.writeHead(200, { 'content-type': 'text/html' }).end(page);
        return true;
      },
      message: /^filesystem layer verification failed for digest sha256:/,
    },
    {
      title: 'a layer that is behind redirects in a circle of two hosts',
      misbehave: (request, response) => {
        if (!request.url?.includes(image.layers[0]!)) return false;
        const other =
          request.headers.host === registry.host ? `localhost:${registry.host.split(':')[1]}` : registry.host;
        response.writeHead(302, { location: `http://${other}${request.url}` }).end();
        return true;
      },
      message: /too many redirects$/,
    },
    {
      title: 'a redirect to a file',
      misbehave: (request, response) => {
        if (!request.url?.includes(image.layers[0]!)) return false;
        response.writeHead(302, { location: 'file:///etc/passwd' }).end();
        return true;
      },
      message: /redirected to an address that cannot be used$/,
    },
    {
      title: 'an endless manifest',
      misbehave: (request, response) => !!request.url?.includes('/manifests/') && endless(response, 200),
      message: /the answer is larger than 8388608 bytes$/,
    },
    {
      title: 'an endless complaint',
      misbehave: (request, response) => !!request.url?.includes('/manifests/') && endless(response, 405),
      message: /unexpected status 405 Method Not Allowed$/,
    },
    {
      title: 'an endless token',
      misbehave: (request, response) => {
        if (request.url?.startsWith('/token')) return endless(response, 200);
        const challenge = `Bearer realm="http://${registry.host}/token",service="s"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
        return true;
      },
      message: /\/token: the answer is larger than \d+ bytes$/,
    },
    {
      title: 'an index that says it is a manifest',
      misbehave: (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        const mediaType = 'application/vnd.oci.image.manifest.v1+json';
        response.writeHead(200, { 'content-type': mediaType }).end(JSON.stringify({ mediaType, manifests: [] }));
        return true;
      },
      message: /^manifest sha256:\w+ lists no layers$/,
    },
    {
      title: 'a manifest of another digest',
      misbehave: (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        response.writeHead(200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end('{"layers":[]}');
        return true;
      },
      message: /^manifest verification failed for digest sha256:0000/,
    },
    {
      title: 'an index that lies about the size of a manifest',
      misbehave: sendIndex({ size: 5 }),
      message: /^manifest sha256:\w+ has \d+ bytes, its index says 5$/,
    },
    {
      title: 'an index of more and more indexes',
      misbehave: (request, response) => {
        const mediaType = 'application/vnd.oci.image.index.v1+json';
        const inner = Array.from({ length: 101 }, (_, i) => JSON.stringify({ mediaType, manifests: [], i }));
        const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
        const manifests = inner.map((text) => ({ mediaType, digest: digestOf(text), size: text.length }));
        const asked = inner.find((text) => request.url?.endsWith(digestOf(text)));
        return !!response.end(asked ?? JSON.stringify({ mediaType, manifests }));
      },
      message: /^index sha256:\w+ has more than 100 indexes in it$/,
    },
    {
      title: 'an index with a platform of another type',
      misbehave: sendIndex({ platform: { os: 'linux', architecture: [] } }),
      message: /has no valid platform$/,
    },
    {
      title: 'an image config with values of another type',
      misbehave: (request, response) => {
        const config = JSON.stringify({ rootfs: { diff_ids: [] }, config: { Env: 'A=1' } });
        const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
        if (request.url?.endsWith(digest)) return !!response.end(config);
        if (!request.url?.includes('/manifests/')) return false;
        const mediaType = 'application/vnd.oci.image.manifest.v1+json';
        return !!response.end(JSON.stringify({ mediaType, config: { digest, size: config.length }, layers: [] }));
      },
      message: /^config sha256:\w+ has no valid config\.Env$/,
    },
    {
      title: 'a blob that is not there',
      misbehave: (request, response) =>
        !!request.url?.includes(image.layers[0]!) && !!response.writeHead(404).end('<html>'),
      message: /\/blobs\/sha256:\w+: unexpected status 404 Not Found$/,
    },
    {
      title: 'a complaint of a registry without TLS',
      misbehave: (_, response) => !!response.writeHead(400).end('<html>'),
      message: /\/manifests\/v1: unexpected status 400 Bad Request$/,
    },
    {
      title: 'a token that is none',
      misbehave: (request, response) => {
        if (request.url?.startsWith('/token')) return !!response.end('{"token":"a\\r\\nx: y"}');
        const challenge = `Bearer realm="http://${registry.host}/token",service="s"`;
        return !!response.writeHead(401, { 'www-authenticate': challenge }).end();
      },
      message: /^the token server \S+ answered without a token$/,
    },
    {
      title: 'HTML with status 200',
      misbehave: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please log in</html>');
        return true;
      },
      message: /the answer is no manifest \(text\/html\)$/,
    },
    {
      title: 'HTML with status 403',
      misbehave: (_, response) => {
        response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>no</h1>');
        return true;
      },
      message:
        /^pull access denied for 127\.0\.0\.1:\d+\/team\/app, repository does not exist or may require 'docker login': denied/,
    },
    {
      title: 'endless redirects',
      misbehave: (request, response) => {
        response.writeHead(307, { location: request.url }).end();
        return true;
      },
      message: /too many redirects$/,
    },
    {
      title: 'a rest of an hour',
      misbehave: (_, response) => {
        response.writeHead(429, { 'retry-after': '3600' });
        response.end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}');
        return true;
      },
      message: /^toomanyrequests: slow down$/,
    },
    {
      title: 'an unknown tag',
      misbehave: (_, response) => {
        response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
        return true;
      },
      message: /^manifest for 127\.0\.0\.1:\d+\/team\/app:v1 not found: manifest unknown: manifest unknown$/,
    },
  ];
  function sendIndex(lie: object): FakeRegistry['misbehave'] {
    return (request, response) => {
      if (!request.url?.endsWith('/manifests/v1')) return false;
      const mediaType = 'application/vnd.oci.image.index.v1+json';
      response.end(JSON.stringify({ mediaType, manifests: [{ ...entryOf(registry, 'v1'), ...lie }] }));
      return true;
    };
  }
  function endless(response: ServerResponse, status: number): true {
    const more = (): void => void (response.destroyed || response.write('{"errors":['.repeat(10_000), more));
    response.writeHead(status, { 'content-type': 'application/json' });
    more();
    return true;
  }
  for (const { title, misbehave, message } of failures) {
    it(`refuses ${title}, in one sentence, and names nothing`, async () => {
      registry.misbehave = misbehave;
      await assert.rejects(pull(), { name: 'DockerError', message });
      assert.equal(stores.images.size, 0);
      assert.equal(stores.leases.size, 0);
      assert.equal([...stores.ingests.keys()].filter((ref) => ref.includes(image.layers[0]!)).length, 0);
    });
  }

  it('waits as long as Retry-After says, and tries 5xx again', async () => {
    registry.misbehave = (request, response, nth) => {
      if (nth > 1) return false;
      if (request.url?.includes('/manifests/')) response.writeHead(429, { 'retry-after': '0' }).end();
      else response.writeHead(503).end('<html>');
      return true;
    };
    await pull();
  });

  it('shows credentials to the registry and never to the host it redirects to', async () => {
    const seen: (string | undefined)[] = [];
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end(registry.blobs.get(request.url!.slice(1)));
    });
    servers.push(storage);
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
    const auth = Buffer.from('user:secret').toString('base64');
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    registry.misbehave = (request, response) => {
      if (request.headers.authorization !== `Basic ${auth}`) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      }
      const digest = /blobs\/(.*)$/.exec(request.url ?? '')?.[1];
      if (!digest) return false;
      response
        .writeHead(307, { location: `http://127.0.0.1:${(storage.address() as AddressInfo).port}/${digest}` })
        .end();
      return true;
    };
    await pull();
    assert.equal(seen.length, 3);
    assert.deepEqual(new Set(seen), new Set([undefined]));
  });

  it('gets one token for all requests', async () => {
    let tokens = 0;
    registry.misbehave = (request, response) => {
      if (request.url?.startsWith('/token')) {
        tokens++;
        assert.match(request.url, /service=reg&scope=repository%3Ateam%2Fapp%3Apull/);
        response.end('{"token":"T"}');
        return true;
      }
      if (request.headers.authorization === 'Bearer T') return false;
      const challenge = `Bearer realm="http://${registry.host}/token",service="reg",scope="repository:team/app:pull"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    };
    await pull();
    assert.equal(tokens, 1);
  });

  it('asks mirrors first, with the ns parameter, and passes over a broken one', async () => {
    const certs = join(dir, 'certs.d', 'registry.test');
    mkdirSync(certs, { recursive: true });
    writeFileSync(
      join(certs, 'hosts.toml'),
      `server = "http://127.0.0.1:1"\n[host."http://127.0.0.1:1"]\n[host."http://${registry.host}/v2/cache"]\ncapabilities = ["pull", "resolve"]\noverride_path = true\n[host."http://${registry.host}/v2/cache".header]\nx-team = "a"\n`,
    );
    const pulled = await pullImage(engine, 'registry.test/team/app:v1', { dockerConfig: dir });
    assert.equal(pulled.name, 'registry.test/team/app:v1');
    for (const { url, headers } of registry.requests) {
      assert.match(url, /^\/v2\/cache\/team\/app\/.*\?ns=registry\.test$/);
      assert.equal(headers['x-team'], 'a');
    }
  });

  it('stops at once at Ctrl-C, and keeps what it has for the next pull', async () => {
    registry.misbehave = (request, response) => {
      if (!request.url?.includes(image.layers[0]!)) return false;
      response.writeHead(200, { 'content-length': 1_000_000 }).write('x');
      setTimeout(() => stop.abort(new Error('interrupted')), 50);
      return true;
    };
    const begin = Date.now();
    await assert.rejects(pull(), { message: 'interrupted' });
    assert.ok(Date.now() - begin < 2000);
    assert.equal(stores.images.size, 0);
    assert.equal(stores.leases.size, 1);
  });

  it('keeps an image that lost its tag as a dangling one', async () => {
    await pull();
    const next = addImage(registry, 'v1');
    await pull();
    assert.deepEqual(
      [...stores.images.keys()].sort(),
      [`${registry.host}/team/app:v1`, `<none>@${image.digest}`].sort(),
    );
    assert.equal(stores.images.get(`${registry.host}/team/app:v1`)?.target?.digest, next.digest);
  });
});
