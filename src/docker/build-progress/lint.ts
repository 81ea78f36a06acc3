import { sourceOf } from './error-details.ts';
import { type Source, sourceExcerpt } from './excerpt.ts';

/** BuildKit's JSON; zeros and empty texts are left out. */
export interface LintResults {
  warnings: LintWarning[];
  sources: unknown[];
  buildError?: { message: string; location?: LintLocation };
}

export interface LintWarning {
  ruleName: string;
  url?: string;
  detail?: string;
  location?: LintLocation;
}

export interface LintLocation {
  sourceIndex?: number;
  ranges?: unknown[];
}

/** Undefined when it is something else. */
export function readLintResults(json: string): LintResults | undefined {
  try {
    const { warnings, sources, buildError } = JSON.parse(json) as Partial<LintResults>;
    return { warnings: warnings ?? [], sources: sources ?? [], buildError };
  } catch {
    return undefined;
  }
}

/** The text form, sorted by place. @param filename of the Dockerfile for the user, if not the daemon's */
export function lintWarnings(results: LintResults, filename?: string): string {
  return results.warnings
    .map((warning) => ({ warning, source: sourceAt(results, warning.location, filename) }))
    .sort(byPlace)
    .map(({ warning, source }) => {
      const link = warning.url ? ` - ${warning.url}` : '';
      return `\nWARNING: ${warning.ruleName}${link}\n${warning.detail ?? ''}\n${sourceExcerpt(source)}`;
    })
    .join('');
}

function sourceAt(results: LintResults, location: LintLocation | undefined, filename: string | undefined): Source {
  const index = location?.sourceIndex ?? 0;
  const source = sourceOf({ info: index < 0 ? undefined : results.sources[index], ranges: location?.ranges });
  if (source.info && filename) source.info.filename = filename;
  return source;
}

interface Placed {
  warning: LintWarning;
  source: Source;
}

function byPlace(a: Placed, b: Placed): number {
  return compare(a.source.info?.filename ?? '', b.source.info?.filename ?? '') || lineOf(a) - lineOf(b) || byRule(a, b);
}

function lineOf({ source }: Placed): number {
  return source.ranges[0]?.start?.line ?? 0;
}

/** Those of one line stay as they come. */
function byRule(a: Placed, b: Placed): number {
  return lineOf(a) === 0 ? compare(a.warning.ruleName, b.warning.ruleName) : 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
