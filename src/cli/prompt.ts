import type { Cli } from './cli.ts';

/**
 * Prints the question and reads a line: true for `y` or `Y`, false for anything else and for the end of the input.
 * Rejects with the signal's reason at Ctrl-C.
 */
export async function confirm(cli: Cli, question: string): Promise<boolean> {
  cli.stdout.write(`${question} [y/N] `);
  await cli.stdout.drained();
  const answer = await readLine(cli.stdin, cli.signal);
  return answer.trim().toLowerCase() === 'y';
}

/** Docker's warning before something is removed: true means go on. */
export function confirmRemoval(cli: Cli, warning: string): Promise<boolean> {
  return confirm(cli, `${warning}\nAre you sure you want to continue?`);
}

/** What follows the line stays in the stream. */
function readLine(input: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const read: Buffer[] = [];
    const finish = (settle: () => void) => {
      input.pause();
      input.off('data', onData).off('end', onEnd).off('error', onEnd);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onEnd = () => finish(() => resolve(Buffer.concat(read).toString()));
    const onAbort = () => finish(() => reject(signal.reason));
    const onData = (chunk: Buffer) => {
      const newline = chunk.indexOf('\n');
      read.push(newline < 0 ? chunk : chunk.subarray(0, newline));
      if (newline < 0) return;
      onEnd();
      if (newline + 1 < chunk.length) input.unshift(chunk.subarray(newline + 1));
    };
    if (signal.aborted) onAbort();
    else if (input.readableEnded) onEnd();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      input.on('data', onData).on('end', onEnd).on('error', onEnd).resume();
    }
  });
}
