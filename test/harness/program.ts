import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Standard input; without it, /dev/null. */
  input?: string | Buffer;
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Milliseconds after which the program is killed and the test fails. Default 60,000. */
  timeout?: number;
  /** 0 opens no user's terminal: the program runs with these ids. */
  uid?: number;
  gid?: number;
}

/** A program that runs beside the test. */
export interface Running {
  child: ChildProcess;
  pid: number;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  write(text: string | Buffer): void;
  end(): void;
  /** Resolves at the first match in stdout, with the match. */
  says(pattern: RegExp, timeout?: number): Promise<RegExpMatchArray>;
  kill(signal: NodeJS.Signals): void;
  result: Promise<Result>;
}

/** `run.ts --program` names another than the development build. */
export const builtProgram =
  process.env.NERDCTL_TEST_PROGRAM ?? fileURLToPath(new URL('../../bin/nerdctl', import.meta.url));

/** For `skip` of tests that run it. */
export const notBuilt = !existsSync(builtProgram) && 'this machine lacks a built program: make';

export function cleanEnv(extra: Record<string, string | undefined> = {}): Record<string, string> {
  const keep = [
    'PATH',
    'HOME',
    'USER',
    'LANG',
    'LD_LIBRARY_PATH',
    'NODE_EXTRA_CA_CERTS',
    'CNI_PATH',
    'DOCKER_HOST',
    'XDG_RUNTIME_DIR',
  ];
  const env: Record<string, string | undefined> = Object.fromEntries(keep.map((key) => [key, process.env[key]]));
  Object.assign(env, extra);
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

export function start(file: string, args: readonly string[], options: RunOptions = {}, stdin = true): Running {
  const child = spawn(file, args, {
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: cleanEnv(options.env),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin?.on('error', () => {});
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
  const limit = options.timeout ?? 60_000;
  const result = new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`no end after ${limit} ms: ${file} ${args.join(' ')}\nstdout: ${text(out)}\nstderr: ${text(err)}`),
      );
    }, limit);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? 128 + signalNumber(signal), stdout: text(out), stderr: text(err) });
    });
  });
  result.catch(() => {});
  return {
    child,
    pid: child.pid ?? 0,
    stdout: () => text(out),
    stderr: () => text(err),
    write: (data) => void child.stdin?.write(data),
    end: () => void child.stdin?.end(),
    kill: (signal) => void child.kill(signal),
    result,
    says: async (pattern, timeout = 15_000) => {
      const signal = AbortSignal.timeout(timeout);
      for (;;) {
        const match = text(out).match(pattern);
        if (match) return match;
        if (child.stdout?.readableEnded)
          throw new Error(`it ended without saying ${pattern}: ${text(out)}${text(err)}`);
        await Promise.race([once(child.stdout!, 'data', { signal }), once(child.stdout!, 'end', { signal })]).catch(
          () => {
            throw new Error(`it did not say ${pattern} in ${timeout} ms: ${text(out)}${text(err)}`);
          },
        );
      }
    },
  };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGKILL: 9,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return signal === null ? 0 : (numbers[signal] ?? 0);
}

export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const running = start(file, args, options, options.input !== undefined);
  if (options.input !== undefined) running.child.stdin?.end(options.input);
  return running.result;
}
