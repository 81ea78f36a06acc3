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

/** Prints the question and reads a line, without the blanks around it. Rejects with the signal's reason at Ctrl-C. */
export async function askLine(cli: Cli, question: string): Promise<string> {
  cli.stdout.write(question);
  await cli.stdout.drained();
  return (await readLine(cli.stdin, cli.signal)).trim();
}

const key = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  lineFeed: 0x0a,
  enter: 0x0d,
  kill: 0x15,
  delete: 0x7f,
};

/** As askLine, on a terminal that shows nothing of what is typed meanwhile. */
export async function askSecret(cli: Cli, question: string): Promise<string> {
  const { stdin } = cli;
  const restore = () => void stdin.setRawMode(false);
  process.on('exit', restore);
  // Before the question: who is quick to answer must not see it either.
  stdin.setRawMode(true);
  try {
    cli.stdout.write(question);
    await cli.stdout.drained();
    return (await readKeys(stdin, cli.signal)).toString().trim();
  } finally {
    restore();
    process.off('exit', restore);
    cli.stdout.write('\n');
  }
}

/** A line of a terminal in raw mode, where the keys that edit it are ours to see to. */
function readKeys(input: NodeJS.ReadStream, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let typed: number[] = [];
    const finish = (settle: () => void) => {
      input.pause();
      input.off('data', onData).off('end', onEnd).off('error', onEnd);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onEnd = () => finish(() => resolve(Buffer.from(typed)));
    const onAbort = () => finish(() => reject(signal.reason));
    const onData = (chunk: Buffer) => {
      for (const [at, byte] of chunk.entries()) {
        if (byte === key.enter || byte === key.lineFeed || byte === key.endOfInput) {
          onEnd();
          if (at + 1 < chunk.length) input.unshift(chunk.subarray(at + 1));
          return;
        }
        // The terminal would have sent the signal.
        if (byte === key.interrupt) process.kill(process.pid, 'SIGINT');
        else if (byte === key.kill) typed = [];
        else if (byte === key.backspace || byte === key.delete) typed = withoutLastCharacter(typed);
        else typed.push(byte);
      }
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    input.on('data', onData).on('end', onEnd).on('error', onEnd).resume();
  });
}

/** Bytes of UTF-8. */
function withoutLastCharacter(bytes: readonly number[]): number[] {
  const start = bytes.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  return bytes.slice(0, Math.max(0, start));
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
