import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Command {
  program: string;
  argv: string[];
  env?: Record<string, string>;
  /** Not timed: what makes the next round possible. */
  after?: () => Promise<unknown>;
  /** The work is the program's own and not a daemon's: its CPU time is told too. */
  cpu?: boolean;
}

export interface Timed {
  program: string;
  /** Milliseconds. */
  min: number;
  median: number;
  /** The least of user and system time, where it is told. */
  cpu?: number;
  failures: number;
}

/** Milliseconds of the processor, in steps of ten, of the processes that have been started here and have ended. */
function childrenCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user = 0, system = 0] = fields.slice(13, 15).map(Number);
  return (user + system) * 10;
}

async function once_(command: Command): Promise<{ ms: number; cpu: number; code: number }> {
  const [file, ...args] = command.argv as [string, ...string[]];
  const used = childrenCpu();
  const began = process.hrtime.bigint();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...command.env } });
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { ms: Number(process.hrtime.bigint() - began) / 1e6, cpu: childrenCpu() - used, code: code ?? 1 };
}

/** Runs the commands in turn, round by round, so that what else the machine does meets all of them alike. */
export async function interleaved(commands: Command[], rounds: number): Promise<Timed[]> {
  const times = commands.map(() => [] as number[]);
  const cpus = commands.map(() => Number.POSITIVE_INFINITY);
  const failures = commands.map(() => 0);
  for (let round = -1; round < rounds; round++) {
    for (const [i, command] of commands.entries()) {
      const { ms, cpu, code } = await once_(command);
      if (code !== 0) failures[i]! += 1;
      // The first round only warms the caches up.
      if (round >= 0) {
        times[i]!.push(ms);
        cpus[i] = Math.min(cpus[i]!, cpu);
      }
      await command.after?.();
    }
  }
  return commands.map(({ program, cpu }, i) => {
    const sorted = times[i]!.sort((a, b) => a - b);
    const timed = { program, min: sorted[0]!, median: sorted[sorted.length >> 1]!, failures: failures[i]! };
    return cpu ? { ...timed, cpu: cpus[i]! } : timed;
  });
}

/** Two lines per case: the minimum and the median, and of each the ratio to ours. */
export function table(results: { name: string; rows: Timed[] }[], programs: string[]): string {
  const cell = (row: Timed | undefined, ours: Timed | undefined) => {
    if (row === undefined) return '';
    if (row.failures > 0) return `failed ${row.failures} ×`;
    const ratio =
      ours === undefined || row === ours || ours.failures > 0 ? '' : ` (${(ours.min / row.min).toFixed(2)})`;
    const share = ratio === '' || !ours?.cpu ? '' : ` (${(ours.cpu / row.cpu!).toFixed(2)})`;
    const cpu = row.cpu === undefined ? '' : `, CPU ${row.cpu}${share}`;
    return `${row.min.toFixed(1)} / ${row.median.toFixed(1)}${ratio}${cpu}`;
  };
  const lines = [`| case | ${programs.join(' | ')} |`, `|---|${programs.map(() => '---').join('|')}|`];
  for (const { name, rows } of results) {
    const of = (program: string) => rows.find((row) => row.program === program);
    lines.push(`| ${name} | ${programs.map((program) => cell(of(program), of('nerdctl'))).join(' | ')} |`);
  }
  return lines.join('\n');
}
