import { constants } from 'node:os';

export interface Signals {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP that nobody has taken, and by `abort`. */
  readonly signal: AbortSignal;
  take(names: readonly NodeJS.Signals[], handler: (signal: NodeJS.Signals) => void): () => void;
  /** As if the signal had come. */
  abort(name: NodeJS.Signals): void;
  /** 128 + n of the signal that ended the work, or undefined. */
  exitCode(): number | undefined;
}

const ending: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** As in docker, the third signal ends a program that does not get done with its cleaning up. */
const patience = 3;

export function listenToSignals(): Signals {
  const controller = new AbortController();
  const takers: { names: readonly NodeJS.Signals[]; handler: (signal: NodeJS.Signals) => void }[] = [];
  let cause: NodeJS.Signals | undefined;
  let count = 0;
  const abort = (name: NodeJS.Signals) => {
    cause ??= name;
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const arrive = (name: NodeJS.Signals) => {
    const taker = takers.findLast((candidate) => candidate.names.includes(name));
    if (taker !== undefined) {
      taker.handler(name);
    } else if (ending.includes(name)) {
      abort(name);
      count++;
      if (count >= patience) process.exit(128 + constants.signals[name]);
    }
  };
  for (const name of ending) process.on(name, arrive);
  // Without a listener Node opens its inspector at SIGUSR1, and Bun dies.
  process.on('SIGUSR1', arrive);
  return {
    signal: controller.signal,
    abort,
    exitCode: () => (cause === undefined ? undefined : 128 + constants.signals[cause]),
    take(names, handler) {
      const taker = { names, handler };
      takers.push(taker);
      for (const name of names) if (!process.listeners(name).includes(arrive)) process.on(name, arrive);
      return () => {
        const at = takers.indexOf(taker);
        if (at < 0) return;
        takers.splice(at, 1);
        for (const name of names) {
          const wanted = [...ending, 'SIGUSR1'].includes(name) || takers.some((other) => other.names.includes(name));
          if (!wanted) process.off(name, arrive);
        }
      };
    },
  };
}
