import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { connectBuildKit, type TlsFiles } from '../../../src/buildkit/client.ts';
import type { DockerError } from '../../../src/docker/errors.ts';
import { settingsFrame } from '../../../src/grpc/frames.ts';
import { type Handler, serveConnection } from '../../../src/grpc/server.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import { socketPath } from '../grpc/peer.ts';

const same = (bytes: Buffer) => bytes;

/** The answer of a daemon without workers, or why there is none. */
async function workers(address: string, tls?: TlsFiles): Promise<unknown> {
  const buildkit = connectBuildKit({ address, tls });
  try {
    return await buildkit.listWorkers();
  } finally {
    buildkit.close();
  }
}

async function port(t: TestContext, server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe('a BuildKit behind TLS', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-tls-'));
  const at = (file: string) => join(dir, file);
  const missing = makeCertificates(dir, ['DNS:builder.example', 'IP:127.0.0.1']);
  after(() => rmSync(dir, { recursive: true, force: true }));
  const servers: Server[] = [];
  let open = '';
  let strict = '';

  async function start(wantsClient: boolean): Promise<string> {
    const server = new Server();
    const path = '/moby.buildkit.v1.Control/ListWorkers';
    const codec = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    server.addService(
      { ListWorkers: { path, requestStream: false, responseStream: false, ...codec } },
      { ListWorkers: (_: unknown, answer: (error: null, reply: Buffer) => void) => answer(null, Buffer.alloc(0)) },
    );
    const pair = { private_key: readFileSync(at('server.key')), cert_chain: readFileSync(at('server.crt')) };
    const credentials = ServerCredentials.createSsl(readFileSync(at('ca.crt')), [pair], wantsClient);
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, number) => (error ? reject(error) : resolve(number)));
    });
    servers.push(server);
    return `tcp://127.0.0.1:${bound}`;
  }

  before(async () => {
    if (missing) return;
    open = await start(false);
    strict = await start(true);
  });
  after(() => {
    for (const server of servers) server.forceShutdown();
  });

  const ca = at('ca.crt');
  const client = { cert: at('client.crt'), key: at('client.key') };
  const good: [string, () => string, TlsFiles][] = [
    ['with our own authority', () => open, { ca }],
    ['by another name', () => open, { ca, serverName: 'builder.example' }],
    ['that wants a client certificate', () => strict, { ca, ...client }],
  ];
  for (const [name, address, tls] of good) {
    it(`answers: ${name}`, { skip: missing }, async () => assert.deepEqual(await workers(address(), tls), []));
  }

  const bad: [string, () => string, TlsFiles | undefined, string][] = [
    ['an unknown authority', () => open, {}, 'its certificate is signed by an unknown authority'],
    ['a wrong name', () => open, { ca, serverName: 'other.example' }, 'its certificate is for another name: '],
    ['no client certificate', () => strict, { ca }, 'the server wants a client certificate'],
    ['no TLS on our side', () => open, undefined, ''],
  ];
  for (const [name, address, tls, why] of bad) {
    it(`says so: ${name}`, { skip: missing }, async () => {
      const error = (await workers(address(), tls).catch((reason) => reason)) as DockerError;
      assert.equal(error.kind, 'unavailable');
      assert.ok(error.message.startsWith(`cannot connect to BuildKit at ${address()}: ${why}`), error.message);
      assert.ok(!error.message.includes('\n') && !/OpenSSL|error:[0-9A-F]/i.test(error.message), error.message);
    });
  }

  it('says so: no TLS on its side', { skip: missing }, async (t) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const address = `tcp://127.0.0.1:${await port(t, server)}`;
    await assert.rejects(workers(address, { ca }), {
      kind: 'unavailable',
      message: `cannot connect to BuildKit at ${address}: the server does not speak TLS`,
    });
  });

  it('is not dialled with files that cannot be used', { skip: missing }, async () => {
    const none = at('none.pem');
    writeFileSync(at('text'), 'hello');
    writeFileSync(at('broken.crt'), '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n');
    const cases: [TlsFiles, RegExp][] = [
      [{ ca: none }, /^cannot read the TLS file .*none\.pem: no such file$/],
      [{ ca: at('text') }, /^the TLS file .*text is not PEM$/],
      [{ ca, cert: client.cert }, /certificate and its key have to be given together/],
      [{ ca, cert: client.cert, key: at('server.key') }, /server\.key is not the key of .*client\.crt$/],
      [{ ca, cert: at('broken.crt'), key: client.key }, /^the TLS files cannot be used: /],
    ];
    for (const [tls, message] of cases) await assert.rejects(workers(open, tls), { kind: 'invalid', message });
  });
});

describe('a BuildKit that is not there', () => {
  it('is named, with the reason', async (t) => {
    const server = createServer();
    const free = await port(t, server);
    await new Promise((resolve) => server.close(resolve));
    const path = socketPath(t);
    writeFileSync(`${path}.file`, '');
    const cases: [string, string][] = [
      [`tcp://127.0.0.1:${free}`, 'connection refused'],
      [`docker://tcp://127.0.0.1:${free}`, 'connection refused'],
      [`unix://${path}`, 'no such socket'],
      [`docker://${path}`, 'no such socket'],
      [`unix://${path}.file`, 'connection refused'],
    ];
    for (const [address, why] of cases) {
      await assert.rejects(workers(address), {
        kind: 'unavailable',
        message: `cannot connect to BuildKit at ${address}: ${why}`,
      });
    }
  });
});

describe('the BuildKit inside dockerd', () => {
  /** Node's HTTP/2 server behind an upgrade, as dockerd has it. */
  function dockerd(upgrade: (socket: Duplex, serve: () => void) => void) {
    const http2 = createHttp2Server();
    http2.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    });
    const server = createHttpServer((_, response) => response.writeHead(404).end('{"message":"page not found"}'));
    server.on('upgrade', (request, socket) => {
      assert.deepEqual([request.method, request.url, request.headers.upgrade], ['POST', '/grpc', 'h2c']);
      upgrade(socket, () => http2.emit('connection', socket as Socket));
    });
    return server;
  }

  const accepted = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
  const good: [string, Parameters<typeof dockerd>[0]][] = [
    [
      'at once',
      (socket, serve) => {
        socket.write(accepted);
        serve();
      },
    ],
    [
      'byte by byte',
      async (socket, serve) => {
        for (const byte of Buffer.from(accepted)) {
          socket.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
        serve();
      },
    ],
    [
      'in one piece with half of the first frame',
      async (socket) => {
        const settings = settingsFrame([]);
        socket.write(Buffer.concat([Buffer.from(accepted), settings.subarray(0, 5)]));
        await new Promise((resolve) => setTimeout(resolve, 20));
        socket.write(settings.subarray(5));
        // Node's server would take the answer to these settings amiss.
        const answer: Handler = (call) => call.write(Buffer.alloc(0));
        serveConnection(socket, new Map([['/moby.buildkit.v1.Control/ListWorkers', answer]]));
      },
    ],
  ];
  for (const [name, upgrade] of good) {
    it(`is reached when the upgrade comes ${name}`, async (t) => {
      const path = socketPath(t);
      const local = dockerd(upgrade).listen(path);
      await once(local, 'listening');
      t.after(() => local.close());
      const remote = await port(t, dockerd(upgrade));
      assert.deepEqual(await workers(`docker://${path}`), []);
      assert.deepEqual(await workers(`docker://tcp://127.0.0.1:${remote}`), []);
    });
  }

  const bad: [string, string, RegExp][] = [
    [
      'serves none',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}',
      /it serves no BuildKit \(HTTP status 404 Not Found\)$/,
    ],
    ['forbids it', 'HTTP/1.1 403 \r\n\r\n', /it serves no BuildKit \(HTTP status 403\)$/],
    ['is something else', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /what answers is no docker daemon$/],
    ['talks without end', 'x'.repeat(20_000), /what answers is no docker daemon$/],
    ['hangs up', '', /the server closed the connection$/],
    ['hangs up in the middle', 'HTTP/1.1 1', /the server closed the connection$/],
  ];
  for (const [name, answer, message] of bad) {
    it(`is not there when the daemon ${name}`, async (t) => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => (answer.length < 11 ? socket.end(answer) : socket.write(answer)));
      });
      const address = `docker://tcp://127.0.0.1:${await port(t, server)}`;
      await assert.rejects(workers(address), { kind: 'unavailable', message });
    });
  }
});
