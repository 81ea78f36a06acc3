import { readFile, stat } from 'node:fs/promises';
import { DockerError } from '../../docker/errors.ts';
import { GetSecretRequest, GetSecretResponse } from '../../gen/moby/buildkit/secrets/v1/secrets.ts';
import type { Handler } from '../../grpc/server.ts';
import { Code, RpcError } from '../../grpc/status.ts';
import { errnoSentence } from '../../host/path-error.ts';
import { unary } from './unary.ts';

/** Where a secret is: a file, or a variable of the environment. */
export type SecretSource = { file: string } | { env: string };

/** What BuildKit takes. */
const MAX_SIZE = 500 * 1024;

/**
 * Gives BuildKit the secrets that it asks for, each read when it does. It also asks for some that nobody has: those
 * of URLs that it fetches.
 * @param secrets by id
 * @param env a variable that is not set is an empty secret
 */
export function secretsService(
  secrets: Record<string, SecretSource>,
  env: Readonly<Record<string, string | undefined>>,
): [string, Handler][] {
  const known = new Map(Object.entries(secrets));
  return [
    [
      '/moby.buildkit.secrets.v1.Secrets/GetSecret',
      unary(GetSecretRequest, GetSecretResponse, async ({ ID }) => {
        const source = known.get(ID);
        if (!source) throw new RpcError(Code.NOT_FOUND, `secret ${ID}: not found`);
        const data = 'env' in source ? Buffer.from(env[source.env] ?? '') : await readFile(source.file);
        if (data.length > MAX_SIZE) throw new RpcError(Code.INVALID_ARGUMENT, tooBig(ID));
        return { data };
      }),
    ],
  ];
}

/** @throws DockerError invalid when a file is not there or too big: to be said before the build begins */
export async function checkSecrets(secrets: Record<string, SecretSource>): Promise<void> {
  for (const [id, source] of Object.entries(secrets)) {
    if ('env' in source) continue;
    const { file } = source;
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      throw new DockerError('invalid', `failed to stat ${file}: stat ${file}: ${errnoSentence(error)}`, {
        cause: error,
      });
    });
    if (found.isDirectory()) throw new DockerError('invalid', `secret ${id}: ${file} is a directory`);
    if (found.size > MAX_SIZE) throw new DockerError('invalid', tooBig(id));
  }
}

const tooBig = (id: string): string => `secret ${id} too big. max size 500KB`;
