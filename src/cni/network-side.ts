import { delimiter } from 'node:path';
import { type ProcessOptions, type ProcessResult, runProcess } from '../host/process.ts';

/** Where the bridges and their rules are. */
export interface NetworkSide {
  /** What starts a program in their network namespace, where that is not this process's own. */
  inNetwork?: readonly string[];
}

export function runInNetwork(
  { inNetwork = [] }: NetworkSide,
  program: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const [command = program, ...rest] = [...inNetwork, program, ...args];
  return runProcess(command, rest, options);
}

/** Plugins call iptables, which Debian keeps in sbin. */
export function withSbin(path = '/usr/local/bin:/usr/bin:/bin'): string {
  const dirs = path.split(delimiter);
  return [...dirs, ...['/usr/local/sbin', '/usr/sbin', '/sbin'].filter((dir) => !dirs.includes(dir))].join(delimiter);
}
