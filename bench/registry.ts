import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '../test/harness/engines.ts';
import { eventually } from '../test/harness/eventually.ts';

/** A private docker-registry without TLS, or undefined where the program is not installed. */
export async function startRegistry(dir: string): Promise<{ host: string; empty(): void; stop(): void } | undefined> {
  const program = findProgram('docker-registry');
  if (program === undefined) return undefined;
  const port = 5055;
  const config = join(dir, 'registry.yml');
  writeFileSync(
    config,
    `version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: ${join(dir, 'registry')}}, delete: {enabled: true}}
http: {addr: "127.0.0.1:${port}", secret: x}
`,
  );
  const child = spawn(program, ['serve', config], { stdio: 'ignore' });
  await eventually(async () => {
    const socket = createConnection(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return connected;
  }, 'the registry to listen');
  return {
    host: `127.0.0.1:${port}`,
    empty: () => rmSync(join(dir, 'registry'), { recursive: true, force: true }),
    stop: () => void child.kill(),
  };
}
