import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program in our place: with our streams, and the signals of the terminal are its own.
 * @param onStart gets what sends it a signal
 * @returns its exit code
 */
export function runAttached(
  command: string,
  args: readonly string[],
  onStart: (send: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit' });
  onStart((signal) => void child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
