import { type Cli, StatusError } from '../../cli/command.ts';
import { enterRawMode, watchSize } from '../../cli/terminal.ts';
import { detachScanner, parseDetachKeys } from '../../docker/flags/detach-keys.ts';
import { signalNumber } from '../../docker/values/signals.ts';
import type { ContainerIo } from '../../engine/container/attach.ts';

export interface SessionOptions {
  tty: boolean;
  stdin: boolean;
  /** Close the container's stdin when ours ends: it was made for one attached client. */
  stdinOnce: boolean;
  detachKeys: string;
  sigProxy: boolean;
}

/** `interrupted`: this program is to end, by a signal that is not the container's or because nobody reads its output. */
export type SessionEnd = 'exited' | 'lost' | 'detached' | 'interrupted';

/** A terminal's session with a container: raw mode, size, keys, signals. Begin it before the start, await its end after. */
export interface Session {
  readonly ended: Promise<SessionEnd>;
  /** Restores the terminal and hands the signals back. */
  close(): void;
}

/** Connects this process's terminal with a process in a container until that ends or the user detaches. */
export function openSession(cli: Cli, io: ContainerIo, options: SessionOptions): Session {
  const undo: (() => void)[] = [];
  let detach!: () => void;
  const detached = new Promise<'detached'>((resolve) => {
    detach = () => resolve('detached');
  });
  if (options.tty) {
    if (options.stdin) undo.push(enterRawMode(cli));
    if (cli.stdout.isTerminal) {
      // One after the other: of two at once the older may come last.
      let last = Promise.resolve();
      const resize = (columns: number, rows: number) => {
        last = last.then(() => io.resize(columns, rows)).catch(() => {});
      };
      resize(cli.stdout.columns, cli.stdout.rows);
      undo.push(watchSize(cli, resize));
    }
  }
  if (options.sigProxy && !(options.tty && options.stdin)) undo.push(proxySignals(cli, io));
  if (options.stdin) undo.push(feedStdin(cli, io, options, detach));
  return {
    ended: Promise.race([io.exited, detached, interrupted(cli)]),
    close: () => {
      for (const restore of undo.splice(0).reverse()) restore();
    },
  };
}

function interrupted(cli: Cli): Promise<'interrupted'> {
  return new Promise((resolve) => {
    cli.signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
}

/** All that can be caught, but for those that our own runtime lives by. */
const proxied: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGCONT',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
];

function proxySignals(cli: Cli, io: ContainerIo): () => void {
  return cli.takeSignals(proxied, (signal) => void io.kill(signalNumber(signal)).catch(() => {}));
}

/** Hands stdin on at the speed at which the container takes it. */
function feedStdin(cli: Cli, io: ContainerIo, options: SessionOptions, detach: () => void): () => void {
  const { stdin } = cli;
  const scan = options.tty ? detachScanner(parseDetachKeys(options.detachKeys)) : undefined;
  const onData = (chunk: Buffer) => {
    const { data, detached } = scan ? scan(chunk) : { data: chunk, detached: false };
    stdin.pause();
    Promise.resolve(data.length > 0 ? io.writeStdin(data) : undefined).then(
      () => {
        if (detached) detach();
        else stdin.resume();
      },
      () => {},
    );
  };
  const onEnd = () => {
    if (options.stdinOnce) void io.closeStdin().catch(() => {});
  };
  stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
  return () => {
    stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
    stdin.pause();
    // an idle terminal must not keep the program alive
    stdin.unref?.();
  };
}

/**
 * Refuses a bad --detach-keys also where nothing is typed that could detach.
 * @param what as docker calls them in its sentence
 */
export function checkDetachKeys(keys: string, what: 'escape keys' | 'detach keys'): void {
  try {
    parseDetachKeys(keys);
  } catch {
    throw new StatusError(1, `Error response from daemon: Invalid ${what} (${keys}) provided`);
  }
}

/** `the input device is not a TTY`, docker's sentence for -it without a terminal. */
export function checkTty(cli: Cli, options: { tty: boolean; stdin: boolean }): void {
  if (options.tty && options.stdin && !cli.stdin.isTTY) {
    throw new StatusError(1, 'the input device is not a TTY');
  }
}
