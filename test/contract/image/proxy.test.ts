import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import { isRegistryError } from '../../../src/registry/errors.ts';
import type { RegistryHost } from '../../../src/registry/hosts.ts';
import { type HttpClient, httpClient, readBody } from '../../../src/registry/http.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import { answerSocks } from './fake-socks.ts';

const dir = mkdtempSync(join(tmpdir(), 'nerdctl-proxy-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
const file = (name: string) => join(dir, name);
const pem = (name: string) => readFileSync(file(name), 'utf8');

const skip = makeCertificates(dir, ['DNS:registry.test', 'DNS:other.test']) ?? false;

/** A registry and an authenticating proxy; the proxy brings every name to the registry, so that none need be known. */
describe('through a proxy', { skip }, () => {
  const secret = `Basic ${Buffer.from('me:hunter2').toString('base64')}`;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let proxied: string[] = [];
  let served: { host: string; headers: http.IncomingHttpHeaders; subject: string | undefined }[] = [];
  let redirect: string | undefined;
  let proxy = '';
  let socks = '';

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  before(async () => {
    const serve = (request: http.IncomingMessage, response: http.ServerResponse) => {
      const { socket, headers } = request;
      const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN?.toString() : undefined;
      served.push({ host: headers.host ?? '', headers, subject });
      if (redirect !== undefined && !request.url?.includes('target')) {
        return void response.writeHead(307, { location: redirect }).end();
      }
      response.end('hello');
    };
    const tls = { cert: pem('server.crt'), key: pem('server.key'), ca: pem('ca.crt'), requestCert: true };
    const securePort = await listen(https.createServer({ ...tls, rejectUnauthorized: false }, serve));
    const plainPort = await listen(http.createServer(serve));
    const front = http.createServer((request, response) => {
      proxied.push(`${request.method} ${request.url}`);
      if (request.headers['proxy-authorization'] !== secret) return void response.writeHead(407).end();
      const { host, pathname } = new URL(request.url ?? '');
      const { 'proxy-authorization': _, ...headers } = request.headers;
      const on = { port: plainPort, path: pathname, headers: { ...headers, host }, method: request.method };
      request.pipe(http.request(on, (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers))));
    });
    front.on('connect', (request: http.IncomingMessage, socket: Socket) => {
      proxied.push(`CONNECT ${request.url}`);
      if (request.headers['proxy-authorization'] !== secret) {
        return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      }
      const onward = connect(securePort, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      for (const each of [onward, socket]) each.on('error', () => {});
      sockets.add(onward);
    });
    proxy = `127.0.0.1:${await listen(front)}`;
    const socksServer = createServer((socket) => {
      answerSocks(socket, 'me:hunter2', (target) => {
        proxied.push(target);
        if (target.startsWith('closed.test')) return undefined;
        const onward = connect(target.endsWith(':443') ? securePort : plainPort, '127.0.0.1');
        sockets.add(onward);
        return onward.on('error', () => {});
      }).catch(() => socket.destroy());
    });
    socks = `127.0.0.1:${await listen(socksServer)}`;
  });
  after(() => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  });
  beforeEach(() => {
    proxied = [];
    served = [];
    redirect = undefined;
  });

  async function get(url: string, address = `http://me:hunter2@${proxy}`): Promise<string> {
    const host: RegistryHost = {
      url: `${new URL(url).origin}/v2`,
      capabilities: new Set(['pull']),
      mirror: false,
      skipVerify: false,
      plainFallback: false,
      ca: [pem('ca.crt')],
      client: [{ cert: pem('client.crt'), key: pem('client.key') }],
      headers: { 'x-team': 'a' },
    };
    const env = { http_proxy: address, HTTPS_PROXY: address };
    const client: HttpClient = httpClient(host, { userAgent: 'test', idleTimeout: 5_000, env });
    try {
      const { signal } = new AbortController();
      const response = await client.send({ method: 'GET', url, headers: { authorization: 'Basic x' }, signal });
      return String(await readBody(response, 1000));
    } finally {
      client.close();
    }
  }

  it('https by CONNECT, verified from end to end, with the client certificate and the configured header', async () => {
    assert.equal(await get('https://registry.test/v2/'), 'hello');
    assert.deepEqual(proxied, ['CONNECT registry.test:443']);
    const [{ headers, subject }] = served as [(typeof served)[0]];
    assert.equal(subject, 'client');
    assert.deepEqual([headers['x-team'], headers.authorization], ['a', 'Basic x']);
    assert.equal(headers['proxy-authorization'], undefined);
    await assert.rejects(
      get('https://unknown.test/v2/'),
      /cannot reach registry https:\/\/unknown.test through the proxy/,
    );
  });

  it('http by its whole address', async () => {
    assert.equal(await get('http://registry.test:8080/v2/x'), 'hello');
    assert.deepEqual(proxied, ['GET http://registry.test:8080/v2/x']);
    assert.equal(served[0]!.host, 'registry.test:8080');
  });

  it('shows nothing of its own to where it is redirected to', async () => {
    redirect = 'https://other.test/target';
    assert.equal(await get('https://registry.test/v2/'), 'hello');
    const { headers, subject } = served.at(-1)!;
    assert.deepEqual([headers.authorization, headers['x-team'], subject], [undefined, undefined, undefined]);
  });

  it('sends user and password of an address as a header, not to the proxy', async () => {
    assert.equal(await get('http://user:pass@registry.test/file?a=b'), 'hello');
    assert.deepEqual(proxied, ['GET http://registry.test/file?a=b']);
  });

  it('SOCKS5, with and without a password, names left to the proxy', async () => {
    assert.equal(await get('https://registry.test/v2/', `socks5://me:hunter2@${socks}`), 'hello');
    assert.equal(await get('http://registry.test:8080/v2/', `socks5h://me:hunter2@${socks}`), 'hello');
    assert.equal(await get('http://[2001:db8::7]/v2/', `socks5://me:hunter2@${socks}`), 'hello');
    assert.deepEqual(proxied, ['registry.test:443', 'registry.test:8080', '2001:db8:0:0:0:0:0:7:80']);
    assert.equal(served[0]!.subject, 'client', 'TLS from end to end');
    const table: [address: string, url: string, sentence: RegExp][] = [
      [
        `socks5://me:wrong-hunter2@${socks}`,
        'https://registry.test/',
        /registry.test:443: it refuses the user or the pa/,
      ],
      [`socks5://${socks}`, 'https://registry.test/', /registry.test:443: it wants another authentication$/],
      [`socks5://me:hunter2@${socks}`, 'http://closed.test/', /closed.test:80: connection refused$/],
      [`socks5://me:hunter2@${proxy}`, 'http://registry.test/', /registry.test:80: it is no SOCKS5 proxy$/],
      [
        'socks5://me:hunter2@127.0.0.1:1',
        'http://registry.test/',
        /through the proxy 127.0.0.1:1: connection refused$/,
      ],
    ];
    for (const [address, url, sentence] of table) {
      await assert.rejects(get(url, address), (error: Error) => {
        assert.match(error.message, sentence);
        assert.doesNotMatch(error.message, /hunter2/);
        return isRegistryError(error);
      });
    }
  });

  it('says what is wrong with the proxy, and never its password', async () => {
    const table: [address: string, sentence: RegExp][] = [
      [
        `http://me:wrong-hunter2@${proxy}`,
        /^the proxy 127.0.0.1:\d+ does not connect to registry.test:443: 407 Proxy Auth/,
      ],
      [
        'http://me:hunter2@127.0.0.1:1',
        /^cannot reach registry https:\/\/registry.test through the proxy 127.0.0.1:1: conn/,
      ],
    ];
    for (const [address, sentence] of table) {
      await assert.rejects(get('https://registry.test/v2/', address), (error: Error) => {
        assert.match(error.message, sentence);
        assert.doesNotMatch(error.message, /hunter2/);
        return isRegistryError(error);
      });
    }
  });
});
