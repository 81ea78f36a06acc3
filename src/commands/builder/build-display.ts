import type { Cli } from '../../cli/command.ts';
import { StatusError } from '../../cli/command.ts';
import { type BuildProgressMode, buildProgress } from '../../docker/build-progress/progress.ts';
import type { BuildStatus, BuildWarning } from '../../docker/build-progress/status.ts';
import { distinctWarnings, warningSummary } from '../../docker/build-progress/warnings.ts';

/** What a build shows on standard error. */
export interface BuildDisplay {
  readonly mode: BuildProgressMode;
  update(status: BuildStatus): void;
  /** To be called once, before anything else is written. */
  end(): void;
}

/**
 * What --progress, --quiet and BUILDKIT_PROGRESS make of it; in `quiet` mode -q alone prints the image ID.
 * @throws StatusError in buildx's words
 */
export function displayMode(cli: Pick<Cli, 'env' | 'stderr'>, progress: string, quiet: boolean): BuildProgressMode {
  const silent = quiet || progress === 'quiet';
  if (silent && progress !== 'auto' && progress !== 'quiet') {
    throw new StatusError(1, `ERROR: progress=${progress} and quiet cannot be used together`);
  }
  if (silent || progress === 'none') return 'quiet';
  const mode = progress === 'auto' ? cli.env.BUILDKIT_PROGRESS || 'auto' : progress;
  if (mode === 'auto' || mode === '') return cli.stderr.isTerminal ? 'tty' : 'plain';
  if (mode === 'tty' && !cli.stderr.isTerminal) {
    throw new StatusError(1, 'ERROR: failed to get console: provided file is not a console');
  }
  if (mode === 'quiet' || mode === 'plain' || mode === 'tty' || mode === 'rawjson') return mode;
  throw new StatusError(1, `ERROR: invalid progress mode ${mode}`);
}

export function buildDisplay(cli: Cli, mode: BuildProgressMode, { debug }: { debug: boolean }): BuildDisplay {
  const { stderr } = cli;
  const progress = buildProgress({
    mode,
    description: { plain: 'building with "default" instance using remote driver', tty: 'remote:default' },
    env: cli.env,
    size: () => ({ columns: stderr.columns, rows: stderr.rows }),
  });
  const warnings: BuildWarning[] = [];
  const write = (bytes: Uint8Array) => {
    if (bytes.length > 0) stderr.write(bytes);
  };
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (progress.refreshAfter === undefined) return;
    timer = setTimeout(() => {
      write(progress.refresh());
      wait();
    }, progress.refreshAfter);
  };
  return {
    mode,
    update(status) {
      warnings.push(...status.warnings);
      write(progress.update(status));
      wait();
    },
    end() {
      clearTimeout(timer);
      write(progress.end());
      if (mode !== 'plain' && mode !== 'tty') return;
      const summary = { details: debug, colour: stderr.colour, program: cli.name };
      stderr.write(warningSummary(distinctWarnings(warnings), summary));
    },
  };
}
