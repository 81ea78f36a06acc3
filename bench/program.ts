import type { Lane } from '../test/harness/lane-env.ts';
import type { Command } from './timing.ts';

/** One of the programs: how it is started, and the words in which it differs from docker. */
export interface Program {
  name: string;
  argv: string[];
  env: Record<string, string>;
}

/** What a file of cases works with. */
export interface Bench {
  lane: Lane;
  programs: readonly Program[];
  ctr: Program;
  /** Rejects where the command fails. */
  call(program: Program, args: string[]): Promise<string>;
  quietly(program: Program, args: string[]): Promise<string>;
  command(program: Program, args: string[], after?: Command['after']): Command;
  compare(name: string, commands: Command[], rounds?: number): Promise<void>;
}
