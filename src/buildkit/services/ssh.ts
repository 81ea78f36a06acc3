import { readFile, stat } from 'node:fs/promises';
import { DockerError } from '../../docker/errors.ts';
import { CheckAgentRequest, CheckAgentResponse } from '../../gen/moby/sshforward/v1/ssh.ts';
import { fieldOf } from '../../grpc/hpack.ts';
import type { Handler } from '../../grpc/server.ts';
import { Code, RpcError } from '../../grpc/status.ts';
import { errnoSentence } from '../../host/path-error.ts';
import { bytesMessage, dataOf } from '../bytes-message.ts';
import { type Agent, agentMessage, agentMessages, keyAgent, readOnlyAgent, socketAgent } from '../ssh/agent.ts';
import { parsePrivateKey, type SshKey } from '../ssh/private-key.ts';
import { unary } from './unary.ts';

/** An agent that runs, or keys that we are the agent of. */
export type SshSource = { socket: string } | { keys: readonly SshKey[] };

const SERVICE = '/moby.sshforward.v1.SSH';
const DEFAULT_ID = 'default';
const MAX_KEY_FILE = 100 * 1024;

/** Forwards ssh agents into the steps of a build that mount them. */
export function sshService(sources: Record<string, SshSource>): [string, Handler][] {
  const known = new Map(Object.entries(sources));

  function sourceOf(id: string): SshSource {
    const source = known.get(id || DEFAULT_ID);
    if (!source) throw new RpcError(Code.UNKNOWN, `unset ssh forward key ${id || DEFAULT_ID}`);
    return source;
  }

  return [
    [
      `${SERVICE}/CheckAgent`,
      unary(CheckAgentRequest, CheckAgentResponse, ({ ID }) => {
        sourceOf(ID);
        return {};
      }),
    ],
    [
      `${SERVICE}/ForwardAgent`,
      async (call) => {
        const source = sourceOf(fieldOf(call.metadata, 'buildkit.ssh.id') ?? '');
        const agent = readOnlyAgent('socket' in source ? socketAgent(source.socket) : keyAgent(source.keys));
        try {
          await forward(call, agent);
        } finally {
          agent.close();
        }
      },
    ],
  ];
}

async function forward(call: Parameters<Handler>[0], agent: Agent): Promise<void> {
  const requests: Buffer[] = [];
  const take = agentMessages((message) => requests.push(message));
  for (;;) {
    const message = await call.read();
    if (message === undefined) return;
    take(dataOf(message));
    for (const request of requests.splice(0)) {
      await call.write(bytesMessage([agentMessage(await agent.answer(request))]));
    }
  }
}

/**
 * What the paths of `--ssh ID=PATH,…` are: one socket of an agent, or files with keys.
 * @throws DockerError invalid, in BuildKit's words where it has them
 */
export async function openSshSource(paths: readonly string[]): Promise<SshSource> {
  const keys: SshKey[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new DockerError('invalid', `failed to open ${path}: ${errnoSentence(error)}`, { cause: error });
    });
    if (found.isSocket()) {
      if (paths.length > 1) throw new DockerError('invalid', 'only single socket allowed');
      return { socket: path };
    }
    if (!found.isFile() || found.size > MAX_KEY_FILE) {
      throw new DockerError('invalid', `failed to read ${path}: it is neither the socket of an ssh agent nor a key`);
    }
    keys.push(await readKey(path));
  }
  return { keys };
}

async function readKey(path: string): Promise<SshKey> {
  try {
    // As buildx's agent, without a name: a step of the build need not know where the key lies here.
    return parsePrivateKey(await readFile(path, 'utf8'), '');
  } catch (error) {
    throw new DockerError('invalid', `failed to parse ${path}: ${(error as Error).message}`, { cause: error });
  }
}
