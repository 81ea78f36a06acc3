import { buildProgress } from '../docker/build-progress/progress.ts';
import type { BuildStatus, BuildWarning } from '../docker/build-progress/status.ts';
import { distinctWarnings, warningSummary } from '../docker/build-progress/warnings.ts';
import type { Cli } from './cli.ts';
import { StatusError } from './errors.ts';

export type BuildProgressMode = 'plain' | 'tty' | 'quiet' | 'rawjson';

/** Shows a build on stderr. `end` must be called before anything else is written there. */
export interface BuildReporter {
  readonly mode: BuildProgressMode;
  /** Resolves when the terminal or pipe has taken it: a slow one holds up the build's messages, not memory. */
  update(status: BuildStatus): Promise<void>;
  /** The last picture, the logs of failed steps, and the warnings. May be called again, and does nothing then. */
  end(): void;
  /** All so far, each once, as for a metadata file. */
  warnings(): BuildWarning[];
}

export interface BuildReporterOptions {
  mode: BuildProgressMode;
  /** Of the builder: `building with "default" instance using docker driver`, on a terminal `docker:default`. */
  description?: { plain: string; tty: string };
  /** Tell all of each warning: --debug. */
  debug?: boolean;
}

/**
 * What `--progress` and BUILDKIT_PROGRESS ask for; `none` shows nothing, as `quiet` does.
 * @throws StatusError for what is no mode, and for `tty` off a terminal
 */
export function buildProgressMode(cli: Pick<Cli, 'stderr' | 'env'>, flag: string, quiet = false): BuildProgressMode {
  if (quiet && !['auto', 'quiet', 'none'].includes(flag)) {
    throw new StatusError(1, `ERROR: progress=${flag} and quiet cannot be used together`);
  }
  if (quiet) return 'quiet';
  const wanted = flag === 'auto' ? cli.env.BUILDKIT_PROGRESS || 'auto' : flag;
  if (wanted === 'plain' || wanted === 'rawjson' || wanted === 'quiet') return wanted;
  if (wanted === 'none') return 'quiet';
  if (wanted === 'auto') return cli.stderr.isTerminal ? 'tty' : 'plain';
  if (wanted !== 'tty') throw new StatusError(1, `ERROR: invalid progress mode ${wanted}`);
  if (cli.stderr.isTerminal) return 'tty';
  throw new StatusError(1, 'ERROR: failed to get console: provided file is not a console');
}

export function buildReporter(cli: Pick<Cli, 'stderr' | 'env' | 'name'>, options: BuildReporterOptions): BuildReporter {
  const { stderr, env, name } = cli;
  const { mode, description, debug } = options;
  const size = () => ({ columns: stderr.columns, rows: stderr.rows });
  const progress = buildProgress({ mode, description, env, size });
  const warnings: BuildWarning[] = [];
  let full = false;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const write = (data: string | Uint8Array): void => {
    if (data.length > 0) full = !stderr.write(data) || full;
  };
  const drained = async (): Promise<void> => {
    if (!full) return;
    await stderr.drained();
    full = false;
  };
  /** Time goes on in the picture when nothing else does. */
  const wait = (): void => {
    clearTimeout(timer);
    if (progress.refreshAfter === undefined || ended) return;
    timer = setTimeout(() => {
      if (!full) write(progress.refresh());
      wait();
    }, progress.refreshAfter);
    timer.unref();
  };

  return {
    mode,
    warnings: () => distinctWarnings(warnings),
    async update(status) {
      if (ended) return;
      warnings.push(...status.warnings);
      write(progress.update(status));
      wait();
      await drained();
    },
    end() {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      write(progress.end());
      const shown = mode === 'plain' || mode === 'tty' ? distinctWarnings(warnings) : [];
      write(warningSummary(shown, { details: debug, colour: stderr.colour, program: name }));
    },
  };
}
