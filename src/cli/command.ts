import type { Cli } from './cli.ts';
import type { FlagTable, FlagValues } from './flags.ts';

export type { Cli, Output } from './cli.ts';
export { StatusError, UsageError } from './errors.ts';
export { type FlagTable, type FlagValues, flagTable } from './flags.ts';

/** How many positional arguments a command takes; a violation is docker's sentence with exit code 1. */
export interface ArgRule {
  readonly min: number;
  readonly max: number;
}

export const noArgs: ArgRule = { min: 0, max: 0 };
export const anyArgs: ArgRule = { min: 0, max: Number.POSITIVE_INFINITY };

export function atLeast(min: number): ArgRule {
  return { min, max: Number.POSITIVE_INFINITY };
}

export function atMost(max: number): ArgRule {
  return { min: 0, max };
}

export function exactly(count: number): ArgRule {
  return { min: count, max: count };
}

export function between(min: number, max: number): ArgRule {
  return { min, max };
}

export interface CommandSpec<T extends FlagTable> {
  /** `run [OPTIONS] IMAGE [COMMAND] [ARG...]`: the first word is replaced by the path that was called. A line for each form. */
  use: string;
  short: string;
  /** Shown by `--help` in place of `short`. */
  long?: string;
  args: ArgRule;
  /** What the shell offers for each argument, the last for all that follow: see complete/expression.ts. */
  complete?: string | readonly string[];
  /** False: flags end at the first positional argument, the rest belongs to the container. */
  interspersed?: boolean;
  flags: T;
  /**
   * `run`: a DockerError prints `nerdctl: Error response from daemon: …` and the help line, and exits with 125, or
   * with 126 or 127 where the message says that the command cannot be executed or is not found.
   */
  failure?: 'run';
  /** Is done outside of the namespaces of a user's engine. */
  outside?: boolean;
  /** The exit code is what it returns, or 0. Errors are thrown: DockerError, UsageError, StatusError. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most commands end without a return
  run(cli: Cli, args: string[], flags: FlagValues<T>): Promise<number | undefined | void>;
}

/** A CommandSpec whose flag types no longer matter to the reader. */
export type AnyCommand = Omit<CommandSpec<FlagTable>, 'run'> & {
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  run(cli: Cli, args: string[], flags: never): Promise<number | undefined | void>;
};

/** Each command module exports `command = defineCommand({…})`; the table in commands/index.ts names the module. */
export function defineCommand<const T extends FlagTable>(spec: CommandSpec<T>): CommandSpec<T> {
  return spec;
}

/** `nerdctl container ls [OPTIONS]`; below it the other forms of a command that has several. */
export function usageLine(name: string, path: string, command: AnyCommand): string {
  const forms = command.use.split('\n').map((form) => `${name} ${path}${form.replace(/^\S+/, '')}`);
  return forms.join('\n\t');
}
