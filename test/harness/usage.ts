import { type EngineName, engineNames } from './engines.ts';

/** What `read` makes of the command line; undefined, with a sentence and the usage printed, where it throws. */
export function orUsage<T>(program: string, usage: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    console.error(`${program}: ${(error as Error).message}\n\n${usage}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** @throws Error that names them, for any other */
export function engineNamed<Other extends string = never>(name: string, ...others: Other[]): EngineName | Other {
  const known = ['system', ...engineNames, ...others] as const;
  const found = known.find((each) => each === name);
  if (found === undefined) throw new Error(`no engine ${name}: there are ${known.join(', ')}`);
  return found as EngineName | Other;
}
