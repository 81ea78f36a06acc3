import { connect, type Socket } from 'node:net';
import type { SshKey } from './private-key.ts';
import { string, uint32, wireReader } from './wire.ts';

/** Answers one message of the ssh-agent protocol (draft-ietf-sshm-ssh-agent), both without their length. */
export interface Agent {
  answer(request: Buffer): Promise<Buffer>;
  close(): void;
}

const Message = {
  FAILURE: 5,
  REQUEST_IDENTITIES: 11,
  IDENTITIES_ANSWER: 12,
  SIGN_REQUEST: 13,
  SIGN_RESPONSE: 14,
} as const;

const FAILURE = Buffer.of(Message.FAILURE);
/** As in OpenSSH. */
const MAX_MESSAGE = 256 * 1024;

/** Lets a build see keys and sign with them; it may not add, remove or lock any. */
export function readOnlyAgent(agent: Agent): Agent {
  const allowed: readonly (number | undefined)[] = [Message.REQUEST_IDENTITIES, Message.SIGN_REQUEST];
  return { ...agent, answer: async (request) => (allowed.includes(request[0]) ? agent.answer(request) : FAILURE) };
}

/** An agent of these keys and no more. */
export function keyAgent(keys: readonly SshKey[]): Agent {
  function signed(request: Buffer): Buffer {
    const fields = wireReader(request.subarray(1));
    const blob = fields.string();
    const data = fields.string();
    const flags = fields.left() >= 4 ? fields.uint32() : 0;
    const key = keys.find((each) => each.blob.equals(blob));
    if (!key) return FAILURE;
    return Buffer.concat([Buffer.of(Message.SIGN_RESPONSE), string(key.sign(data, flags))]);
  }

  return {
    async answer(request) {
      if (request[0] === Message.REQUEST_IDENTITIES) {
        const list = keys.flatMap(({ blob, comment }) => [string(blob), string(comment)]);
        return Buffer.concat([Buffer.of(Message.IDENTITIES_ANSWER), uint32(keys.length), ...list]);
      }
      if (request[0] !== Message.SIGN_REQUEST) return FAILURE;
      try {
        return signed(request);
      } catch {
        return FAILURE;
      }
    },
    close() {},
  };
}

/** The agent that listens on a unix socket. Answers come in the order of the requests. */
export function socketAgent(path: string): Agent {
  const waiting: { resolve(answer: Buffer): void; reject(error: Error): void }[] = [];
  let failure: Error | undefined;
  const socket: Socket = connect({ path });
  const read = agentMessages((message) => waiting.shift()?.resolve(Buffer.from(message)));

  function fail(error: Error): void {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
    socket.destroy();
  }

  socket.on('data', (chunk) => {
    try {
      read(chunk);
    } catch (error) {
      fail(error as Error);
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the ssh agent closed the connection')));
  return {
    answer: (request) =>
      new Promise((resolve, reject) => {
        if (failure) {
          reject(failure);
          return;
        }
        waiting.push({ resolve, reject });
        socket.write(agentMessage(request));
      }),
    close: () => socket.destroy(),
  };
}

export const agentMessage = (message: Uint8Array): Buffer => string(message);

/**
 * Cuts a byte stream into messages.
 * @throws Error from the returned function at one that no agent would send
 */
export function agentMessages(onMessage: (message: Buffer) => void): (chunk: Uint8Array) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const length = held.readUInt32BE();
      if (length > MAX_MESSAGE) throw new Error(`an ssh-agent message of ${length} bytes`);
      if (held.length < 4 + length) return;
      const message = held.subarray(4, 4 + length);
      held = held.subarray(4 + length);
      onMessage(message);
    }
  };
}
