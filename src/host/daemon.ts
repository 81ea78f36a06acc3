import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureDir } from './files.ts';

export interface DaemonOptions {
  env: NodeJS.ProcessEnv;
  /** Appended to; a large one is put aside as `<log>.1` first. */
  log: string;
}

export interface StartedDaemon {
  pid: number;
  /** How it ended, if it does while we are here: `exit status 1`, `killed by SIGKILL`. */
  ended: Promise<string>;
  /** The last lines that it has written. */
  lastWords(lines: number): string;
}

/** Bytes of a log, above which the next start begins a new one. */
const logLimit = 10 << 20;

/**
 * Starts a program that stays when we end: in a session of its own, in `/`, with the common umask and as many open files
 * as it may have (what a service manager does for it).
 */
export async function startDaemon(command: string, args: string[], options: DaemonOptions): Promise<StartedDaemon> {
  const { env, log } = options;
  await ensureDir(dirname(log));
  if ((sizeOf(log) ?? 0) > logLimit) renameSync(log, `${log}.1`);
  const begin = sizeOf(log) ?? 0;
  const output = openSync(log, 'a', 0o640);
  const script = 'umask 022; ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$@"';
  const child = spawn('/bin/sh', ['-c', script, 'sh', command, ...args], {
    env,
    cwd: '/',
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `killed by ${signal}`));
  });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  return { pid: child.pid!, ended, lastWords: (lines) => tailOf(log, begin, lines) };
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function tailOf(path: string, begin: number, lines: number): string {
  const most = 16_384;
  const end = sizeOf(path) ?? 0;
  const from = Math.max(begin, end - most);
  const buffer = Buffer.alloc(Math.max(0, end - from));
  const file = openSync(path, 'r');
  try {
    readSync(file, buffer, 0, buffer.length, from);
  } finally {
    closeSync(file);
  }
  return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
