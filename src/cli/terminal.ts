import { disableOutputProcessing } from '../host/terminal.ts';
import type { Cli } from './cli.ts';

/**
 * Every key goes to the container, and every byte of it to the terminal as it is. Does nothing off a terminal, and, as
 * docker, when NORAW is set. The returned function restores the terminal; so does the end of the program.
 */
export function enterRawMode(cli: Cli): () => void {
  const { stdin } = cli;
  if (!stdin.isTTY || cli.env.NORAW) return () => {};
  const restore = () => {
    process.off('exit', restore);
    stdin.setRawMode(false);
  };
  stdin.setRawMode(true);
  if (cli.stdout.isTerminal) disableOutputProcessing();
  process.on('exit', restore);
  return restore;
}

/** Calls back at each change of the terminal's size, not at once; the returned function ends that. */
export function watchSize(cli: Cli, changed: (columns: number, rows: number) => void): () => void {
  if (!cli.stdout.isTerminal) return () => {};
  const report = () => changed(cli.stdout.columns, cli.stdout.rows);
  process.stdout.on('resize', report);
  return () => process.stdout.off('resize', report);
}
