import { formatFixed } from '../values/float.ts';
import { alignCells, cellWidth, cutToCells } from './cells.ts';
import type { BuildColours } from './colours.ts';
import { totalSeconds } from './intervals.ts';
import { type Job, listJobs } from './jobs.ts';
import { secondsBetween } from './status.ts';
import type { Trace } from './trace.ts';

export interface ScreenSize {
  columns: number;
  rows: number;
}

export interface TtyOptions {
  /** At the right end of the first line: `docker:default`. */
  description?: string;
  /** `Building` if missing. */
  phase?: string;
  colours: BuildColours;
  /** Lines of the log of a running step; 6 if missing. */
  logLines?: number;
}

/** A line of the screen, of less than `columns` cells. */
export interface ScreenLine {
  text: string;
  /** The escape sequence that starts its colour; the style of it ends with the line. */
  style: string;
}

const fewestLogLines = 6;
/** What a log's line is narrower than the screen. */
const logIndent = 10;
const faint = '\x1b[2m';
const logPrefix = ' => => # ';

/**
 * What buildx shows of a build on a terminal.
 * @param now nanoseconds since 1970 by our clock
 * @param all every step, whether it fits or not: the last picture
 */
export function layOut(trace: Trace, options: TtyOptions, size: ScreenSize, now: bigint, all: boolean): ScreenLine[] {
  const { jobs, total, completed } = listJobs(trace);
  const remote = now - (trace.clockAhead ?? 0n);
  const finished = all && completed > 0 && completed === total;
  const elapsed = formatFixed(trace.startTime === undefined ? 0 : secondsBetween(trace.startTime, remote), 1);
  const head = `[+] ${options.phase ?? 'Building'} ${elapsed}s (${completed}/${total}) ${finished ? 'FINISHED' : ''}`;
  const { description = '' } = options;
  const fits = cellWidth(head) + cellWidth(description) + 1 < size.columns;
  const title = fits ? alignCells(head, description, size.columns - 1) : cutToCells(head, size.columns - 1);
  const lines = [{ text: title.trimEnd(), style: '' }];
  const logs = chooseLogs(jobs, size.rows, options.logLines ?? fewestLogLines);
  const shown = all ? jobs : fitJobs(jobs, size.rows - 2 - logs.lines);
  for (const job of shown) {
    const text = jobLine(job, size.columns, remote);
    if (text === undefined) continue;
    lines.push({ text, style: job.completed ? options.colours[job.outcome] : '' });
    if (!logs.jobs.has(job)) continue;
    const { screen } = job.step!;
    screen!.resize(logs.height, size.columns - logIndent);
    for (const line of screen!.lines()) lines.push({ text: logPrefix + line, style: faint });
    screen!.shown++;
  }
  return lines;
}

/** The steps whose log is shown: those that say most and were shown least, as many as there is room for. */
function chooseLogs(jobs: readonly Job[], rows: number, wanted: number) {
  const running = jobs.filter((job) => !job.completed);
  const height = Math.max(fewestLogLines, Math.min(wanted, rows - fewestLogLines - 1));
  const weight = ({ step }: Job): number => step!.screen!.size + step!.screen!.shown * 50;
  const candidates = running
    .filter(({ step }) => step?.screen !== undefined && step.screen.size > 0)
    .sort((a, b) => weight(b) - weight(a));
  let free = rows - 2 - running.length;
  const chosen: Job[] = [];
  for (const job of candidates) {
    if (free <= height + 3) break;
    chosen.push(job);
    free -= height + 3;
  }
  const lines = chosen.reduce((sum, { step }) => sum + step!.screen!.lines().length, 0);
  return { jobs: new Set(chosen), height, lines };
}

/** The last jobs, without those that are done where a running one would not be seen. */
function fitJobs(jobs: readonly Job[], limit: number): readonly Job[] {
  if (limit < 0) return [];
  if (jobs.length <= limit) return jobs;
  const last = jobs.slice(jobs.length - limit);
  const hidden = jobs.slice(0, jobs.length - limit).filter((job) => !job.completed);
  if (hidden.length === 0) return last;
  const kept = last.filter((job, index) => !job.completed || index >= hidden.length);
  const space = last.length - kept.length;
  return [...hidden.slice(hidden.length - space), ...kept];
}

/** Undefined when it is not shown: not started, or there is no room for a name. */
function jobLine(job: Job, columns: number, now: bigint): string | undefined {
  if (job.intervals.length === 0) return undefined;
  const seconds = totalSeconds(job.intervals, now);
  const time = `${formatFixed(seconds < 0.05 ? 0 : seconds, 1)}s`;
  const prefix = ' => ';
  let room = columns - prefix.length - time.length - 3;
  let detail = '';
  if (job.detail !== '' && room + job.detail.length > 20) {
    detail = ` ${job.detail}`;
    room -= detail.length;
  }
  if (room < 12) return undefined;
  const name = cellWidth(job.name) > room ? cutToCells(job.name, room) : job.name;
  return alignCells(`${prefix}${name}${detail}`, time, columns - 1);
}
