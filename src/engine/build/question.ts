import { randomBytes } from 'node:crypto';
import type { BuildKit } from '../../buildkit/client.ts';
import { DockerError } from '../../docker/errors.ts';
import { isRpcError } from '../../grpc/status.ts';
import { ask, type QuestionOptions } from './solve.ts';

/** Knows all questions: what a Dockerfile gets by `# syntax=docker/dockerfile:1`. */
const newerFrontend = 'docker/dockerfile:1';
const unknownQuestion = /unsupported request frontend\.(lint|outline|targets)\b/;

/**
 * Asks the frontend something, and a newer one, which BuildKit pulls, where its own is too old for the question.
 * @returns the answer, by its keys
 */
export async function question(client: BuildKit, options: QuestionOptions): Promise<Record<string, string>> {
  try {
    return await ask(client, options);
  } catch (error) {
    const [, name] = (isRpcError(error) && unknownQuestion.exec(error.details)) || [];
    if (name === undefined || options.attrs['build-arg:BUILDKIT_SYNTAX'] !== undefined) throw error;
    const attrs = { ...options.attrs, 'build-arg:BUILDKIT_SYNTAX': newerFrontend };
    const again = { ...options, ref: randomBytes(16).toString('hex'), attrs };
    return await ask(client, again).catch((failure: unknown) => {
      throw withoutFrontend(failure, name);
    });
  }
}

/** What the newer one says of the Dockerfile stays as it is. */
function withoutFrontend(failure: unknown, name: string): unknown {
  if (!isRpcError(failure)) return failure;
  if (!unknownQuestion.test(failure.details) && !failure.details.includes(newerFrontend)) return failure;
  const asked = name === 'lint' ? 'check' : name;
  return new DockerError(
    'not-implemented',
    `the Dockerfile frontend of this BuildKit is too old for --call ${asked}, and ${newerFrontend} cannot be pulled: ${failure.details}`,
    { cause: failure },
  );
}
