import { createInterface } from 'node:readline';
import type { Cli } from './cli.ts';

/**
 * Prints the question and reads a line: true for `y` or `Y`, false for anything else and for the end of the input.
 * Rejects with the signal's reason at Ctrl-C.
 */
export async function confirm(cli: Cli, question: string): Promise<boolean> {
  cli.stdout.write(`${question} [y/N] `);
  await cli.stdout.drained();
  const reader = createInterface({ input: cli.stdin, terminal: false });
  const { signal } = cli;
  let abort = () => {};
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      abort = () => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      reader.once('line', resolve);
      reader.once('close', () => resolve(''));
    });
    return answer.trim().toLowerCase() === 'y';
  } finally {
    signal.removeEventListener('abort', abort);
    reader.close();
    cli.stdin.pause();
  }
}

/** Docker's warning before something is removed: true means go on. */
export function confirmRemoval(cli: Cli, warning: string): Promise<boolean> {
  return confirm(cli, `${warning}\nAre you sure you want to continue?`);
}
