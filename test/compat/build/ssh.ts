import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A key as --ssh takes it from a file, made anew: none is kept in the sources. */
export function writeKey(dir: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = join(dir, 'key.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

/** Each string of the agent's protocol has its length before it. */
function field(data: Buffer | string): Buffer {
  const body = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** An agent (draft-ietf-sshm-ssh-agent) that has one key, `agent`, and says no to everything but the question for its keys. */
export async function startAgent(dir: string): Promise<{ socket: string; close(): void }> {
  const [askedForKeys, keys, failure] = [11, 12, 5];
  const blob = Buffer.concat([field('ssh-ed25519'), field(Buffer.alloc(32, 7))]);
  const list = Buffer.concat([Buffer.from([keys, 0, 0, 0, 1]), field(blob), field('agent')]);
  const server = createServer((connection) => {
    let kept = Buffer.alloc(0);
    connection.on('error', () => {});
    connection.on('data', (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      while (kept.length >= 4 && kept.length >= 4 + kept.readUInt32BE(0)) {
        const message = kept.subarray(4, 4 + kept.readUInt32BE(0));
        kept = kept.subarray(4 + message.length);
        connection.write(field(message[0] === askedForKeys ? list : Buffer.from([failure])));
      }
    });
  });
  const socket = join(dir, 'agent.sock');
  server.listen(socket);
  await once(server, 'listening');
  return { socket, close: () => void server.close() };
}
