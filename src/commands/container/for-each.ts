import { type Cli, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';

/**
 * Runs `act` for all targets at once and prints, in their order, each that succeeded: as typed, or the text that `act`
 * returns for it; null prints nothing.
 * Failures are reported together at the end, one a line, and `summary` of them last; exit code 1.
 */
export async function forEachTarget(
  cli: Cli,
  targets: string[],
  act: (target: string) => Promise<string | null | undefined> | Promise<void>,
  summary?: (failed: string[]) => string,
): Promise<void> {
  const results = targets.map(async (target) => {
    const text = await act(target);
    return text === undefined ? target : text;
  });
  for (const result of results) result.catch(() => {});
  const errors: string[] = [];
  const failed: string[] = [];
  for (const [index, result] of results.entries()) {
    try {
      const text = await result;
      if (text !== null) cli.stdout.write(`${text}\n`);
    } catch (error) {
      if (cli.signal.aborted) throw error;
      errors.push(errorSentence(error));
      failed.push(targets[index]!);
    }
  }
  if (summary && failed.length > 0) errors.push(summary(failed));
  if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
}
