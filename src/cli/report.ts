import { isDockerError } from '../docker/errors.ts';
import { isStatusError, isUsageError } from './errors.ts';

export interface FailureContext {
  name: string;
  commandPath: string;
  /** The command's errors exit with 125, 126 or 127, as those of `docker run`. */
  failure?: 'run';
}

export interface Failure {
  exitCode: number;
  /** Without the newline at its end; empty prints nothing. */
  message: string;
}

/** What the user reads and the shell gets for an error; never a stack trace. */
export function describeFailure(error: unknown, context: FailureContext): Failure {
  if (isStatusError(error)) return { exitCode: error.exitCode, message: error.message };
  const hint = `\n\nRun '${context.commandPath} --help' for more information`;
  if (isUsageError(error)) return { exitCode: error.exitCode, message: `${context.name}: ${error.message}${hint}` };
  const message = errorSentence(error);
  if (context.failure !== 'run') return { exitCode: 1, message };
  // What is said of a file of ours says nothing about the container's command.
  return { exitCode: isSystemError(error) ? 125 : runExitCode(message), message: `${context.name}: ${message}${hint}` };
}

/** The sentence for one failed target of several; the lines of an AggregateError are joined. */
export function errorSentence(error: unknown): string {
  if (isDockerError(error))
    return isOwnSentence(error) ? error.message : `Error response from daemon: ${error.message}`;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(errorSentence).join('\n');
  if (!(error instanceof Error)) return String(error);
  if (isSystemError(error)) return systemSentence(error);
  const { details } = error as { details?: unknown };
  return (typeof details === 'string' && details) || error.message || error.name;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** Node's `ENOSPC: no space left on device, open '/x'` in the order in which docker says it. */
function systemSentence({ message, code, syscall, path, ...rest }: NodeJS.ErrnoException): string {
  const { dest } = rest as { dest?: string };
  if (!message.startsWith(`${code}: `)) return message;
  const text = message.slice(`${code}: `.length).replace(/, \w+( '.*)?$/, '');
  return `${[syscall, path, dest].filter(Boolean).join(' ')}: ${text}`;
}

/** As in docker, that the engine cannot be reached is not the engine's response. */
function isOwnSentence(error: Error): boolean {
  return isDockerError(error, 'unavailable') || error.message.startsWith('permission denied while trying to connect');
}

const notFound = ['executable file not found', 'no such file or directory', 'system cannot find the file specified'];
const notExecutable = ['permission denied', 'is a directory'];

function runExitCode(message: string): number {
  if (notFound.some((words) => message.includes(words))) return 127;
  if (notExecutable.some((words) => message.includes(words))) return 126;
  return 125;
}
