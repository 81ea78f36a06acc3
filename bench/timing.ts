import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Command {
  program: string;
  argv: string[];
  env?: Record<string, string>;
  /** Not timed: what makes the next round possible. */
  after?: () => Promise<unknown>;
}

export interface Timed {
  program: string;
  /** Milliseconds. */
  min: number;
  median: number;
  failures: number;
}

async function once_(command: Command): Promise<{ ms: number; code: number }> {
  const [file, ...args] = command.argv as [string, ...string[]];
  const began = process.hrtime.bigint();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...command.env } });
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { ms: Number(process.hrtime.bigint() - began) / 1e6, code: code ?? 1 };
}

/** Runs the commands in turn, round by round, so that what else the machine does meets all of them alike. */
export async function interleaved(commands: Command[], rounds: number): Promise<Timed[]> {
  const times = commands.map(() => [] as number[]);
  const failures = commands.map(() => 0);
  for (let round = -1; round < rounds; round++) {
    for (const [i, command] of commands.entries()) {
      const { ms, code } = await once_(command);
      if (code !== 0) failures[i]! += 1;
      // The first round only warms the caches up.
      if (round >= 0) times[i]!.push(ms);
      await command.after?.();
    }
  }
  return commands.map(({ program }, i) => {
    const sorted = times[i]!.sort((a, b) => a - b);
    return { program, min: sorted[0]!, median: sorted[sorted.length >> 1]!, failures: failures[i]! };
  });
}

/** Two lines per case: the minimum and the median, and of each the ratio to ours. */
export function table(results: { name: string; rows: Timed[] }[], programs: string[]): string {
  const cell = (row: Timed | undefined, ours: Timed | undefined) => {
    if (row === undefined) return '';
    if (row.failures > 0) return `failed ${row.failures} ×`;
    const ratio =
      ours === undefined || row === ours || ours.failures > 0 ? '' : ` (${(ours.min / row.min).toFixed(2)})`;
    return `${row.min.toFixed(1)} / ${row.median.toFixed(1)}${ratio}`;
  };
  const lines = [`| case | ${programs.join(' | ')} |`, `|---|${programs.map(() => '---').join('|')}|`];
  for (const { name, rows } of results) {
    const of = (program: string) => rows.find((row) => row.program === program);
    lines.push(`| ${name} | ${programs.map((program) => cell(of(program), of('nerdctl'))).join(' | ')} |`);
  }
  return lines.join('\n');
}
