import { type Cli, flagTable, StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { type BuildDaemon, openDaemon } from '../../engine/build/daemon.ts';

/** Of every command that speaks to BuildKit. */
export const daemonFlags = flagTable({
  builder: { type: 'string', help: '', hidden: true },
  'buildkit-host': { type: 'string', help: 'Address of BuildKit ("unix:///path", "tcp://host:port", "docker://")' },
});

interface DaemonFlags {
  builder: string;
  'buildkit-host': string;
}

/** Runs `work` with the BuildKit that the flags name, or that is found. */
export async function withDaemon<T>(
  cli: Cli,
  flags: DaemonFlags,
  work: (daemon: BuildDaemon) => Promise<T>,
): Promise<T> {
  refuseBuilder(flags.builder);
  let daemon: BuildDaemon | undefined;
  try {
    daemon = await openDaemon(await cli.engine(), { host: flags['buildkit-host'], env: cli.env });
    return await work(daemon);
  } catch (error) {
    if (isDockerError(error, 'invalid')) throw new StatusError(1, `ERROR: ${error.message}`, { cause: error });
    throw error;
  } finally {
    daemon?.client.close();
  }
}

/** @throws StatusError for a name: builders have none here */
export function refuseBuilder(name: string): void {
  if (name === '' || name === 'default') return;
  throw new StatusError(1, `ERROR: no builder "${name}" found: name a BuildKit with --buildkit-host`);
}
