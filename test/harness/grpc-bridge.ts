import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A connection on which docker's daemon speaks gRPC: `POST /grpc` turns one of its API into one of BuildKit's. */
function dialBuildKit(dockerSocket: string): Promise<{ socket: Socket; head: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = request({
      socketPath: dockerSocket,
      method: 'POST',
      path: '/grpc',
      headers: { Host: 'docker', Connection: 'Upgrade', Upgrade: 'h2c' },
    });
    call.once('upgrade', (_, socket: Socket, head: Buffer) => resolve({ socket, head }));
    call.once('response', (response) => {
      response.resume();
      reject(new Error(`POST /grpc: status ${response.statusCode}`));
    });
    call.once('error', reject);
    call.end();
  });
}

/** Where a bridge listens: a unix socket, or a free port of 127.0.0.1. */
export interface BridgeOptions {
  path?: string;
  /** Certificate, key, and with `requestCert` the authority of the clients. */
  tls?: TlsOptions;
}

export interface Bridge {
  /** `unix://…` or `tcp://127.0.0.1:…` */
  address: string;
  /** Ends the connections too. */
  close(): void;
}

/** Serves the BuildKit of a dockerd at an address of its own, as buildkitd would. */
export async function bridgeBuildKit(dockerSocket: string, options: BridgeOptions): Promise<Bridge> {
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  };
  const serve = (client: Socket) => {
    keep(client);
    dialBuildKit(dockerSocket).then(
      ({ socket, head }) => {
        keep(socket);
        if (head.length > 0) client.write(head);
        client.once('close', () => socket.destroy());
        socket.once('close', () => client.destroy());
        if (client.destroyed) socket.destroy();
        client.pipe(socket);
        socket.pipe(client);
      },
      () => client.destroy(),
    );
  };
  const { path, tls } = options;
  const server: Server = tls ? createTlsServer({ ALPNProtocols: ['h2'], ...tls }, serve) : createServer(serve);
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  // A test that fails must not be kept alive by what it has not closed.
  server.unref();
  return {
    address: path === undefined ? `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix://${path}`,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
