import { request } from 'node:http';

/** A port of the machine that RootlessKit forwards into its network namespace, in the words of its API. */
export interface PortSpec {
  /** `tcp4`, `udp6` …: with `tcp` the address `0.0.0.0` would take IPv6 too. */
  proto: string;
  parentIP: string;
  parentPort: number;
  childIP: string;
  childPort: number;
}

export interface ForwardedPort {
  id: number;
  spec: PortSpec;
}

/** @param socket path of RootlessKit's API */
export async function listPorts(socket: string): Promise<ForwardedPort[]> {
  // `null` where there are none.
  return ((await call(socket, 'GET', '/v1/ports')) as ForwardedPort[] | null) ?? [];
}

/** @throws Error with RootlessKit's sentence */
export async function addPort(socket: string, spec: PortSpec): Promise<void> {
  await call(socket, 'POST', '/v1/ports', spec);
}

export async function removePort(socket: string, id: number): Promise<void> {
  await call(socket, 'DELETE', `/v1/ports/${id}`);
}

function call(socketPath: string, method: string, path: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, timeout: 10_000, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve(text === '' ? undefined : JSON.parse(text));
        else reject(new Error(messageOf(text) ?? `RootlessKit answers with status ${statusCode}`));
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('RootlessKit does not answer')));
    outgoing.on('error', reject);
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(body && JSON.stringify(body));
  });
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { message?: string }).message;
  } catch {
    return undefined;
  }
}
