import { existsSync } from 'node:fs';
import { type Cli, UsageError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parsePullPolicy } from '../../docker/flags/options.ts';
import { type CreatedContainer, createContainer } from '../../engine/container/create.ts';
import type { Engine } from '../../engine/engine.ts';
import { ensureImage } from '../../engine/image/ensure.ts';
import type { ImageView } from '../../engine/image/store.ts';
import { type CreateFlagValues, createBody } from './create-body.ts';

/** Makes the container that a command line of `run` or `create` describes, pulling its image where that is wanted. */
export async function createFromFlags(
  cli: Cli,
  args: string[],
  flags: CreateFlagValues & { readonly detach?: boolean },
  options: { startFollows: boolean },
): Promise<CreatedContainer> {
  const body = createBody(cli, args, flags);
  if (flags.cidfile && existsSync(flags.cidfile)) {
    throw new UsageError(
      `container ID file found, make sure the other container isn't running or delete ${flags.cidfile}`,
    );
  }
  const engine = await cli.engine();
  const image = await findOrPull(cli, engine, args[0]!, flags);
  const created = await createContainer(
    engine,
    { name: flags.name, body, image, idFile: flags.cidfile || undefined, pidFile: flags.pidfile || undefined },
    options,
  );
  for (const warning of created.warnings) cli.stderr.write(`WARNING: ${warning}\n`);
  return created;
}

async function findOrPull(cli: Cli, engine: Engine, ref: string, flags: CreateFlagValues): Promise<ImageView> {
  const policy = parsePullPolicy(flags.pull);
  const platform = flags.platform || undefined;
  try {
    if (policy !== 'always') return await ensureImage(engine, ref, { pull: 'never', platform });
  } catch (error) {
    if (!isDockerError(error, 'not-found') || policy === 'never') throw error;
    cli.stderr.write(`Unable to find image '${displayRef(ref)}' locally\n`);
  }
  const { pullForRun } = await import('../image/pull-for-run.ts');
  await pullForRun(cli, engine, ref, { platform, quiet: flags.quiet });
  return ensureImage(engine, ref, { pull: 'never', platform });
}

/** As docker prints it: with the default tag. */
function displayRef(ref: string): string {
  return /[:@][^/]*$/.test(ref) ? ref : `${ref}:latest`;
}
