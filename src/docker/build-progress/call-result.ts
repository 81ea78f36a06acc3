import { sourceOf } from './error-details.ts';
import { sourceExcerpt } from './excerpt.ts';
import { type LintResults, lintWarnings, readLintResults } from './lint.ts';

export interface CallOptions {
  /** `lint` (`--check`), `outline`, `targets`, `subrequests.describe`. */
  name: string;
  format: 'text' | 'json';
  /** How the Dockerfile is called for the user, if not as the daemon knows it. */
  filename?: string;
  /** `--call check,ignorestatus=true`. */
  ignoreStatus?: boolean;
}

export interface CallResult {
  stdout: string;
  exitCode: number;
  /** What went wrong in the Dockerfile, to be printed as an error after stdout. */
  error?: string;
}

/** What `build --call` prints of a subrequest's result. @param response SolveResponse.ExporterResponse */
export function callResult(response: Readonly<Record<string, string>>, options: CallOptions): CallResult {
  const json = response['result.json'];
  const exitCode = options.ignoreStatus ? 0 : Number.parseInt(response['result.statuscode'] ?? '', 10) || 0;
  const results = options.name === 'lint' && json !== undefined ? readLintResults(json) : undefined;
  if (results && !isNewer(response.version ?? '')) return lintResult(results, json!, exitCode, options);
  if (options.format === 'json' && json !== undefined) return { stdout: `${json}\n`, exitCode };
  return { stdout: response['result.txt'] ?? `${json ?? ''}\n`, exitCode };
}

function lintResult(results: LintResults, json: string, exitCode: number, options: CallOptions): CallResult {
  const count = results.warnings.length;
  let stdout = `${json}\n`;
  if (options.format === 'text') {
    const found = count === 1 ? '1 warning has been found!' : `${count} warnings have been found!`;
    stdout = count > 0 ? `Check complete, ${found}\n${lintWarnings(results, options.filename)}` : '';
    if (results.buildError && count > 0) stdout += '\n';
    if (!results.buildError && count === 0) stdout = 'Check complete, no warnings found.\n';
  }
  if (!results.buildError) return { stdout, exitCode };
  const { message, location } = results.buildError;
  const source = sourceOf({ info: results.sources[location?.sourceIndex ?? 0], ranges: location?.ranges });
  if (source.info && options.filename) source.info.filename = options.filename;
  return { stdout, exitCode: 1, error: `${message}\n${sourceExcerpt(source)}` };
}

/** A structure that we do not know may mean something else; the daemon's own text does not. */
function isNewer(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || (major === 1 && minor > 0);
}
