import { constants } from 'node:os';
import type { Cli } from '../../cli/command.ts';
import { StatusError } from '../../cli/command.ts';
import { type CopyPlace, planCopy, renamed, splitEntry } from '../../docker/copy-paths.ts';
import { humanSizeWithPrecision } from '../../docker/values/units.ts';
import { type ContainerFiles, withContainerFiles } from '../../engine/container/files.ts';
import { outsidePath, withOutsidePaths } from '../../host/copied-up.ts';
import { localDestination, localPath, localSource, requireOutputPath } from '../../host/local-places.ts';
import { watchCopy } from './copy-progress.ts';

export interface CopyRequest {
  container: string;
  /** One of them is of this machine, or `-`. */
  from: string;
  to: string;
  followLink: boolean;
  keepOwners: boolean;
  quiet: boolean;
}

const type = { mask: 0o170000, link: 0o120000, directory: 0o040000, character: 0o020000, block: 0o060000 } as const;
const isOf = (mode: number, wanted: number) => (mode & type.mask) === wanted;

/** `docker cp CONTAINER:FROM TO` */
export async function copyOut(cli: Cli, { container, from, to, followLink, quiet }: CopyRequest): Promise<void> {
  const engine = await cli.engine();
  const here = to === '-' ? to : localPath(to);
  const outside = here === '-' || !engine.rootless ? here : outsidePath(here);
  if (here !== '-') named(() => requireOutputPath(outside));
  const skipped = skippedFiles(cli);
  const progress = watchCopy(cli, 'Copying from container - ', quiet || here === '-');
  const options = { ...skipped.options, onBytes: progress.onBytes, ...(here === '-' && { given: 'stdout' as const }) };
  const bytes = await withContainerFiles(engine, container, options, async (files) => {
    const { path, rename } = followLink ? await followed(files, from) : { path: from };
    const stat = await files.stat(path);
    if (here === '-') return files.copyOut(path, 'stdout').catch(readerGone);
    const source: CopyPlace = {
      path,
      exists: true,
      isDirectory: isOf(stat.mode, type.directory),
      ...(rename && { rename }),
    };
    const plan = planCopy(
      source,
      named(() => localDestination(outside)),
    );
    progress.begin();
    return files.copyOut(path, plan);
  }).finally(progress.end);
  skipped.fail();
  if (!quiet && here !== '-') cli.stderr.write(`Successfully copied ${size(bytes)} to ${here}\n`);
}

/** `docker cp FROM CONTAINER:TO` */
export async function copyIn(
  cli: Cli,
  { container, from, to, followLink, keepOwners, quiet }: CopyRequest,
): Promise<void> {
  const engine = await cli.engine();
  const skipped = skippedFiles(cli);
  const progress = watchCopy(cli, 'Copying to container - ', quiet || from === '-');
  const options = { ...skipped.options, onBytes: progress.onBytes, ...(from === '-' && { given: 'input' as const }) };
  let shown = to;
  const bytes = await withContainerFiles(engine, container, options, async (files) => {
    const destination = await destinationOf(files, container, to);
    shown = destination.path;
    if (from === '-') {
      if (!destination.isDirectory) throw new StatusError(1, `destination "${container}:${to}" must be a directory`);
      return files.copyIn(cli.stdin, destination.path, keepOwners);
    }
    const here = localPath(from);
    const source = named(() => localSource(engine.rootless ? outsidePath(here) : here, followLink));
    const plan = planCopy(source, destination);
    const { dir, base } = splitEntry(source.path);
    const owner = engine.rootless && { uid: engine.rootless.uid, gid: engine.rootless.gid };
    progress.begin();
    return files.copyIn({ dir, entry: base, name: plan.name, ...(owner && { owner }) }, plan.dir, keepOwners);
  }).finally(progress.end);
  skipped.fail();
  if (!quiet) cli.stderr.write(`Successfully copied ${size(bytes)} to ${container}:${shown}\n`);
}

function named<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw new StatusError(1, withOutsidePaths((error as Error).message), { cause: error });
  }
}

/** As a program that a signal ends. */
function readerGone(error: Error): never {
  const isGone = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
  throw isGone ? new StatusError(128 + constants.signals.SIGPIPE) : error;
}

const size = (bytes: number) => humanSizeWithPrecision(bytes, 3);

/** The target of a link in the container, which keeps the link's name. */
async function followed(files: ContainerFiles, path: string): Promise<{ path: string; rename?: string }> {
  const stat = await files.stat(path);
  return isOf(stat.mode, type.link) ? renamed(path, stat.target) : { path };
}

/** A path that cannot be looked at is one that is to be made: to do so fails where it has to. */
async function destinationOf(files: ContainerFiles, container: string, path: string): Promise<CopyPlace> {
  const look = (at: string) => files.stat(at).catch(() => undefined);
  let stat = await look(path);
  let real = path;
  if (stat && isOf(stat.mode, type.link)) {
    real = stat.target;
    stat = await look(real);
  }
  if (stat && (isOf(stat.mode, type.character) || isOf(stat.mode, type.block))) {
    throw new StatusError(1, `destination "${container}:${path}" must be a directory or a regular file: got a device`);
  }
  return { path: real, exists: stat !== undefined, isDirectory: stat !== undefined && isOf(stat.mode, type.directory) };
}

/** They are named while the others are copied, and the command fails in the end. */
function skippedFiles(cli: Cli) {
  let any = false;
  const onSkipped = (sentence: string) => {
    any = true;
    cli.stderr.write(`${sentence}\n`);
  };
  return {
    options: { onSkipped },
    fail: () => {
      if (any) throw new StatusError(1, '');
    },
  };
}
