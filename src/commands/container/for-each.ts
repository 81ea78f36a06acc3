import { type Cli, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';

/**
 * Runs `act` for all targets at once and prints, in their order, each that succeeded: as typed, or the text that `act`
 * returns for it; null prints nothing.
 * Failures are reported together at the end, one a line; exit code 1.
 */
export async function forEachTarget(
  cli: Cli,
  targets: string[],
  act: (target: string) => Promise<string | null | undefined> | Promise<void>,
): Promise<void> {
  const results = targets.map(async (target) => {
    const text = await act(target);
    return text === undefined ? target : text;
  });
  for (const result of results) result.catch(() => {});
  const errors: string[] = [];
  for (const result of results) {
    try {
      const text = await result;
      if (text !== null) cli.stdout.write(`${text}\n`);
    } catch (error) {
      if (cli.signal.aborted) throw error;
      errors.push(errorSentence(error));
    }
  }
  if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
}
