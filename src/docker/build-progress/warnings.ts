import { sourceExcerpt } from './excerpt.ts';
import { jsonWarning } from './rawjson.ts';
import type { BuildWarning } from './status.ts';

/** The same warning of several steps, as of a build for several platforms, is one. */
export function distinctWarnings(warnings: readonly BuildWarning[]): BuildWarning[] {
  const byContent = new Map<string, BuildWarning>();
  for (const warning of warnings) {
    const content = JSON.stringify(jsonWarning({ ...warning, vertex: '' }));
    if (!byContent.has(content)) byContent.set(content, warning);
  }
  return [...byContent.values()];
}

export interface WarningOptions {
  /** With what each is about. */
  details?: boolean;
  colour?: boolean;
  /** The program to name: `docker`. */
  program: string;
}

/** What is printed below a build that had warnings. */
export function warningSummary(warnings: readonly BuildWarning[], options: WarningOptions): string {
  if (warnings.length === 0) return '';
  const count = warnings.length === 1 ? '1 warning found' : `${warnings.length} warnings found`;
  const title = `${count}${options.details ? '' : ` (use ${options.program} --debug to expand)`}:\n`;
  const head = `\n ${options.colour ? `\x1b[33m${title}\x1b[0m` : title}`;
  return head + warnings.map((warning) => summaryLine(warning) + (options.details ? details(warning) : '')).join('');
}

function summaryLine({ short }: BuildWarning): string {
  return ` - ${textOf(short)}\n`;
}

function details({ detail, url, info, ranges }: BuildWarning): string {
  const lines = detail.map((line) => `${textOf(line)}\n`).join('');
  return `${lines}${url === '' ? '' : `More info: ${url}\n`}${sourceExcerpt({ info, ranges })}\n`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
