import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, removeTree } from '../../host/files.ts';
import type { HostHelper } from '../../host/helper.ts';
import { type FifoWriter, readFifo, writeFifo } from './fifo.ts';
import type { Sink } from './sink.ts';

export interface ExecStdioOptions {
  tty: boolean;
  /** Whether there is input (`-i`). */
  stdin: boolean;
  stdout?: Sink;
  stderr?: Sink;
}

/** The FIFOs of one exec session, which no monitor looks after. */
export interface ExecStdio {
  /** For Tasks.Exec; empty = /dev/null. */
  paths: { stdin: string; stdout: string; stderr: string };
  /** End it (`end()`), then Tasks.CloseIO: together they are the end of the input. */
  input: FifoWriter | undefined;
  /** Resolves when all output has been handed to the sinks; to be awaited after Tasks.Wait. */
  output: Promise<void>;
  /** Closes and removes everything, output under way included. */
  close(): Promise<void>;
}

/** @param stateDir of the container; the FIFOs live below it for as long as the session */
export async function openExecStdio(host: HostHelper, stateDir: string, options: ExecStdioOptions): Promise<ExecStdio> {
  const dir = join(stateDir, `exec-${randomBytes(8).toString('hex')}`);
  const wanted = {
    stdin: options.stdin,
    stdout: options.stdout !== undefined,
    stderr: options.stderr !== undefined && !options.tty,
  };
  const path = (name: keyof typeof wanted) => (wanted[name] ? join(dir, name) : '');
  const paths = { stdin: path('stdin'), stdout: path('stdout'), stderr: path('stderr') };
  await ensureDir(dir, 0o700);
  try {
    await Promise.all(Object.values(paths).flatMap((p) => (p ? host.mkfifo(p, 0o600) : [])));
    // Opened before the shim does: it waits for a reader.
    const readers = [
      paths.stdout && options.stdout ? readFifo(paths.stdout, options.stdout) : undefined,
      paths.stderr && options.stderr ? readFifo(paths.stderr, options.stderr) : undefined,
    ];
    const input = paths.stdin ? writeFifo(paths.stdin) : undefined;
    const output = Promise.all(readers.map((r) => r?.done)).then(() => {});
    output.catch(() => {});
    const close = async () => {
      input?.cancel();
      for (const reader of readers) reader?.cancel();
      await removeTree(dir);
    };
    return { paths, input, output, close };
  } catch (error) {
    await removeTree(dir);
    throw error;
  }
}

/**
 * Stands in for the readers of killed exec sessions: the shim waits up to 30 s for a reader of the FIFOs of an exec
 * that it starts, and lets nobody stop the container meanwhile. Returns how to end it.
 */
export function standInForExecs(stateDir: string): () => void {
  const held: number[] = [];
  for (const dir of entries(stateDir).filter((name) => name.startsWith('exec-'))) {
    for (const name of entries(join(stateDir, dir))) {
      try {
        held.push(openSync(join(stateDir, dir, name), constants.O_RDWR | constants.O_NONBLOCK));
      } catch {
        // its session has just ended
      }
    }
  }
  return () => {
    for (const fd of held.splice(0)) closeSync(fd);
  };
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
