import { type Cli, StatusError } from '../cli/command.ts';
import { errorSentence } from '../cli/report.ts';
import { isDockerError } from '../docker/errors.ts';
import { formatInspect } from '../docker/format/inspect.ts';
import type { ContainerSummary } from '../docker/views/container-list.ts';
import type { Engine } from '../engine/engine.ts';

export interface InspectFlags {
  readonly format: string;
  readonly mode: string;
  readonly size: boolean;
  /** Empty: whatever has the name, containers first. */
  readonly type: string;
}

type Inspector = (engine: Engine, ref: string, flags: InspectFlags) => Promise<object>;

/** In docker's order of search. */
const inspectors: Record<string, Inspector> = {
  container: inspectContainerWithSize,
  image: async (engine, ref, { mode }) => {
    const { inspectImage, inspectImageNative } = await import('../engine/image/inspect.ts');
    if (mode === 'native') return inspectImageNative(engine, ref);
    const { typed } = await import('./image/inspect.ts');
    return typed(await inspectImage(engine, ref));
  },
  network: async (engine, ref, { mode }) => {
    const { inspectNetwork, inspectNetworkNative } = await import('../engine/network/inspect.ts');
    return mode === 'native' ? inspectNetworkNative(engine, ref) : inspectNetwork(engine, ref);
  },
  volume: async (engine, ref) => {
    const { getVolume } = await import('../engine/volume/store.ts');
    return getVolume(engine, ref);
  },
};

async function inspectContainerWithSize(engine: Engine, ref: string, flags: InspectFlags): Promise<object> {
  const { inspectContainer, inspectNative } = await import('../engine/container/inspect.ts');
  if (flags.mode === 'native') return inspectNative(engine, ref);
  const inspected = await inspectContainer(engine, ref);
  if (!flags.size) return inspected;
  const { addSizes } = await import('../engine/container/size.ts');
  const container = await engine.containerd.containers.get(inspected.Id);
  await addSizes(engine, [{ container }], [inspected as Pick<ContainerSummary, 'SizeRw' | 'SizeRootFs'>]);
  return inspected;
}

/** Prints what was found, then says what was not: exit code 1, or 64 for a template that does not parse. */
export async function inspectAny(cli: Cli, refs: string[], flags: InspectFlags): Promise<void> {
  if (!['dockercompat', 'native'].includes(flags.mode)) {
    throw new StatusError(1, `unknown mode "${flags.mode}": it is dockercompat or native`);
  }
  if (flags.type && !(flags.type in inspectors)) {
    const known = Object.keys(inspectors).map((type) => JSON.stringify(type));
    throw new StatusError(1, `unknown type: ${JSON.stringify(flags.type)}: must be one of ${known.join(', ')}`);
  }
  const engine = await cli.engine();
  const results = await Promise.allSettled(refs.map((ref) => inspectOne(engine, ref, flags)));
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [errorSentence(result.reason)] : []));
  const { text, error, exitCode } = formatInspect(found, flags.format);
  cli.stdout.write(text);
  if (error) throw new StatusError(exitCode, [error.message, ...errors].join('\n'));
  if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
}

async function inspectOne(engine: Engine, ref: string, flags: InspectFlags): Promise<object> {
  const kinds = flags.type ? [flags.type] : Object.keys(inspectors);
  for (const kind of kinds) {
    try {
      return await inspectors[kind]!(engine, ref, flags);
    } catch (error) {
      // a name that one kind cannot have may well be another's
      const missing = isDockerError(error, 'not-found') || (isDockerError(error, 'invalid') && kinds.length > 1);
      if (!missing || flags.type) throw error;
    }
  }
  throw new StatusError(1, `Error: No such object: ${ref}`);
}
