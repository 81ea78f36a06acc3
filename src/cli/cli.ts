import type { Engine } from '../engine/engine.ts';
import type { Settings } from '../engine/settings.ts';

/** A standard output or error stream. Writing to a closed pipe ends the program quietly. */
export interface Output {
  /** False when the stream is full: `await drained()` before writing more. */
  write(data: string | Uint8Array): boolean;
  /** Resolves when everything written so far may be forgotten. */
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** 80 × 24 when not a terminal. Follow the terminal's size with `watchSize` of terminal.ts. */
  readonly columns: number;
  readonly rows: number;
  /** Escape sequences are welcome: a terminal, and NO_COLOR is empty. */
  readonly colour: boolean;
}

/** What a command gets. Everything in it opens at first use. */
export interface Cli {
  /** `nerdctl`: the program's name in messages. */
  readonly name: string;
  /** `nerdctl container ls`: the command as it was called. */
  readonly commandPath: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  /** The settings, the connection and the host; the same object at each call. */
  engine(): Promise<Engine>;
  /** Aborted by SIGINT, SIGTERM or SIGHUP; the program then ends with 128 + the signal's number, silently. */
  readonly signal: AbortSignal;
  /**
   * While the returned function has not been called, signals go to `handler` and abort nothing. Any name may be asked
   * for (`run --sig-proxy` takes all that can be caught).
   */
  takeSignals(names: readonly NodeJS.Signals[], handler: (signal: NodeJS.Signals) => void): () => void;
}
