import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Socket } from 'node:net';

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

export interface Bridge {
  close(): void;
}

/** Serves the BuildKit of a dockerd at a unix socket of its own, as buildkitd would. */
export async function bridgeBuildKit(dockerSocket: string, socketPath: string): Promise<Bridge> {
  const open = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const forget = (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => open.delete(socket));
    };
    forget(client);
    dialBuildKit(dockerSocket).then(
      ({ socket, head }) => {
        forget(socket);
        if (head.length > 0) client.write(head);
        client.once('close', () => socket.destroy());
        socket.once('close', () => client.destroy());
        if (client.destroyed) socket.destroy();
        client.pipe(socket);
        socket.pipe(client);
      },
      () => client.destroy(),
    );
  });
  server.listen(socketPath);
  await once(server, 'listening');
  // A test that fails must not be kept alive by what it has not closed.
  server.unref();
  return {
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
