import { spawn } from 'node:child_process';

export interface ProcessOptions {
  input?: string | Uint8Array;
  /** Replaces the environment. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Milliseconds; then SIGKILL, and the promise rejects with code ETIMEDOUT. */
  timeout?: number;
  /** Aborting kills the process and rejects with the signal's reason. */
  signal?: AbortSignal;
  uid?: number;
  gid?: number;
}

export interface ProcessResult {
  /** Exit code, or null if a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: Buffer;
}

/** Runs a program to its end and collects what it writes. A failing exit code is a result, not an error. */
export function runProcess(command: string, args: string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const { input, timeout, signal, env, cwd, uid, gid } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const child = spawn(command, args, { env, cwd, uid, gid, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let failure: unknown;
    const stop = (reason: unknown) => {
      failure ??= reason;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const onAbort = () => stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => stop(withCode('ETIMEDOUT', `${command}: no answer within ${timeout / 1000} s`)), timeout);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle();
      reject(failure ?? startError(command, cwd, error));
    });
    child.on('close', (code, killedBy) => {
      settle();
      if (failure !== undefined) reject(failure);
      else resolve({ code, signal: killedBy, stdout: stdout(), stderr: stderr() });
    });
    // A program that does not read its input (CNI plugins on DEL) closes it early.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  return () => Buffer.concat(chunks);
}

function startError(command: string, cwd: string | undefined, error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOENT')
    return withCode('ENOENT', `${command}: no such program${cwd ? ` (or no directory ${cwd})` : ''}`, error);
  if (error.code === 'EACCES') return withCode('EACCES', `${command}: not executable`, error);
  return error;
}

function withCode(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
