import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type IPty, spawn } from 'node-pty';
import { cleanEnv } from './program.ts';

/** A program on a terminal of its own. */
export interface Terminal {
  pid: number;
  /** Everything on the screen so far, escapes included. */
  screen(): string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves with the match once the screen, from where the last match ended, shows it. */
  shows(pattern: RegExp | string, timeout?: number): Promise<RegExpMatchArray>;
  kill(signal?: string): void;
  ended: Promise<{ code: number; signal: number }>;
}

export interface TerminalOptions {
  env?: Record<string, string | undefined>;
  columns?: number;
  rows?: number;
}

/**
 * node-pty closes the terminal 200 ms after the end of the program; a busy machine needs longer to deliver the rest. And
 * Node takes one read for the last, when the program has ended before it.
 */
function readToTheEnd(pty: IPty, take: (text: string) => void): void {
  const { _socket: socket, fd } = pty as unknown as { _socket: Socket; fd: number };
  const rest = Buffer.alloc(4096);
  socket.once('end', () => {
    try {
      for (let length = 1; length > 0; ) {
        length = readSync(fd, rest);
        take(rest.toString('utf8', 0, length));
      }
    } catch {
      // EIO: there is no more
    }
  });
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (error || socket.readableEnded) return destroy(error);
    const timer = setTimeout(destroy, 10_000);
    socket.once('end', () => clearTimeout(timer));
    return socket;
  };
}

export function openTerminal(file: string, args: readonly string[], options: TerminalOptions = {}): Terminal {
  const pty = spawn(file, [...args], {
    name: 'xterm-256color',
    cols: options.columns ?? 80,
    rows: options.rows ?? 24,
    env: cleanEnv({ TERM: 'xterm-256color', ...options.env }),
  });
  let screen = '';
  let seen = 0;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const take = (data: string) => {
    screen += data;
    wake();
  };
  pty.onData(take);
  readToTheEnd(pty, take);
  let end: { code: number; signal: number } | undefined;
  const ended = new Promise<{ code: number; signal: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      end = { code: exitCode, signal: signal ?? 0 };
      resolve(end);
      wake();
    });
  });
  const shows = (pattern: RegExp | string, timeout = 15_000) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const regexp = typeof pattern === 'string' ? new RegExp(pattern.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')) : pattern;
      const settle = (act: () => void) => {
        clearTimeout(timer);
        waiting.delete(look);
        act();
      };
      const look = () => {
        const match = screen.slice(seen).match(regexp);
        if (match) {
          seen += (match.index ?? 0) + match[0].length;
          settle(() => resolve(match));
        } else if (end !== undefined)
          settle(() => reject(new Error(`it ended (${end?.code}) without ${regexp}:\n${screen}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`no ${regexp} in ${timeout} ms:\n${screen}`))),
        timeout,
      );
      waiting.add(look);
      look();
    });
  return {
    pid: pty.pid,
    screen: () => screen,
    type: (text) => pty.write(text),
    resize: (columns, rows) => pty.resize(columns, rows),
    shows,
    kill: (signal) => pty.kill(signal),
    ended,
  };
}
