import type { Cli } from '../../cli/command.ts';
import { parseReference, withDefaultTag } from '../../docker/reference.ts';
import type { Engine } from '../../engine/engine.ts';
import { pullImage } from '../../engine/image/pull.ts';
import { dockerConfigDir } from './docker-config.ts';
import { progressMode, pullReporter, pullSummary } from './progress.ts';

/** The pull before a `run` or `create`: shown on stderr, because stdout is the container's. */
export async function pullForRun(
  cli: Cli,
  engine: Engine,
  ref: string,
  options: { platform: string | undefined; quiet: boolean },
): Promise<void> {
  const reporter = pullReporter(cli.stderr, progressMode(cli.stderr, 'auto', options.quiet));
  const pulled = await pullImage(engine, ref, {
    platform: options.platform ?? (cli.env.DOCKER_DEFAULT_PLATFORM || undefined),
    dockerConfig: dockerConfigDir(cli),
    onEvent: (event) => reporter.event(event),
  }).finally(() => reporter.end());
  if (options.quiet) return;
  cli.stderr.write(pullSummary(pulled, withDefaultTag(parseReference(ref))));
  if (pulled.warning) cli.stderr.write(`WARNING: ${pulled.warning}\n`);
}
