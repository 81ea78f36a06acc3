import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Cli, UsageError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parsePullPolicy } from '../../docker/flags/options.ts';
import { parsePlatform } from '../../docker/platform.ts';
import { parseReference } from '../../docker/reference.ts';
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
  const policy = asClient(UsageError, () => parsePullPolicy(flags.pull));
  // Docker's client says the rest by itself too; `run` adds its name and its help.
  asClient(Error, () => parseReference(args[0]!));
  asClient(Error, () => checkPlatform(flags.platform));
  checkIdFile(flags.cidfile);
  const engine = await cli.engine();
  const image = await findOrPull(cli, engine, args[0]!, { policy, ...flags });
  const created = await createContainer(
    engine,
    { name: flags.name, body, image, idFile: flags.cidfile || undefined, pidFile: flags.pidfile || undefined },
    options,
  );
  for (const warning of created.warnings) cli.stderr.write(`WARNING: ${warning}\n`);
  return created;
}

/** The sentence of a check as one of the client: without `Error response from daemon: `. */
function asClient<T>(Kind: new (message: string) => Error, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw isDockerError(error, 'invalid') ? new Kind(error.message) : error;
  }
}

function checkPlatform(platform: string): void {
  if (platform === '') return;
  try {
    // a part that is missing comes from the machine, whatever that is
    parsePlatform(platform, { os: 'linux', architecture: 'amd64' });
  } catch (error) {
    throw new Error(`error parsing specified platform: ${(error as Error).message}`);
  }
}

function checkIdFile(path: string): void {
  if (path === '') return;
  if (existsSync(path))
    throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`);
  if (!existsSync(dirname(path)))
    throw new Error(`failed to create the container ID file: open ${path}: no such file or directory`);
}

interface FindOptions {
  policy: ReturnType<typeof parsePullPolicy>;
  readonly platform: string;
  readonly quiet: boolean;
}

async function findOrPull(cli: Cli, engine: Engine, ref: string, flags: FindOptions): Promise<ImageView> {
  const { policy } = flags;
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
