import { runAttached } from '../host/attached.ts';
import { monitorCommand, ownCommand } from '../host/program.ts';
import type { Signals } from './signals.ts';

/**
 * Starts the program again inside the namespaces of the user's engine, where the launcher has not: a process with
 * threads cannot enter them. Without such an engine it runs as it is, and says so.
 */
export function enterLate(argv: readonly string[], signals: Signals): Promise<number> {
  const [monitor, ...words] = monitorCommand();
  return runAttached(monitor, [...words, 'enter', ...ownCommand(), ...argv], (send) => {
    // Those of the terminal reach it by themselves.
    signals.take(['SIGINT', 'SIGQUIT', 'SIGTSTP'], () => {});
    signals.take(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'], send);
  });
}
