import {
  atLeast,
  type Cli,
  defineCommand,
  type FlagValues,
  flagTable,
  StatusError,
  UsageError,
} from '../../cli/command.ts';
import { monitorIo } from '../../engine/container/attach.ts';
import type { CreatedContainer } from '../../engine/container/create.ts';
import { finishRun } from '../../engine/container/exit.ts';
import { exitStatusOf } from '../../engine/container/exit-status.ts';
import { purgeContainer } from '../../engine/container/purge.ts';
import { startContainer } from '../../engine/container/start.ts';
import { forUndo, withoutSignal } from '../../engine/engine.ts';
import { attachedStreams } from './create-body.ts';
import { createFlags } from './create-flags.ts';
import { createFromFlags } from './create-from-flags.ts';
import { checkDetachKeys, checkTty, openSession, type Session } from './session.ts';

const runFlags = flagTable({
  ...createFlags,
  detach: { type: 'bool', short: 'd', help: 'Run container in background and print container ID' },
});

export const command = defineCommand({
  use: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create and run a new container from an image',
  args: atLeast(1),
  complete: ['<images>', ''],
  interspersed: false,
  failure: 'run',
  flags: runFlags,
  run: async (cli, args, flags) => {
    checkConflicts(flags);
    const streams = attachedStreams(flags);
    if (!flags.detach) checkDetachKeys(flags['detach-keys'], 'detach keys');
    if (!flags.detach) checkTty(cli, { tty: flags.tty, stdin: streams.has('stdin') });
    const created = await createFromFlags(cli, args, flags, { startFollows: true });
    if (!flags.detach) return runAttached(cli, created, flags, streams);
    // As docker, before the start: what did not start is there to be looked at and removed.
    cli.stdout.write(`${created.container.id}\n`);
    await startOrPurge(cli, created, flags.rm, async (engine) => {
      const run = await startContainer(engine, created.container, { fresh: created.fresh });
      run?.monitor.close();
    });
    return 0;
  },
});

type RunFlags = FlagValues<typeof runFlags>;

function checkConflicts(flags: RunFlags): void {
  const conflict = (a: string, b: string) => new UsageError(`conflicting options: cannot specify both ${a} and ${b}`);
  if (flags.rm && flags.restart && flags.restart !== 'no') throw conflict('--restart', '--rm');
  if (flags.detach && flags.attach.length > 0) {
    // docker's client reports this one without its name, and ends with 1
    throw new StatusError(1, 'conflicting options: cannot specify both --attach and --detach');
  }
}

/** A container made with --rm does not outlive a failed start. */
async function startOrPurge<T>(
  cli: Cli,
  { container }: CreatedContainer,
  autoRemove: boolean,
  start: (engine: Awaited<ReturnType<Cli['engine']>>) => Promise<T>,
): Promise<T> {
  const engine = await cli.engine();
  try {
    return await start(engine);
  } catch (error) {
    if (autoRemove || engine.signal.aborted) {
      // What cannot be removed now, the journal leaves to the next command.
      await purgeContainer(forUndo(engine), container, { volumes: true }).catch(() => {});
    }
    throw error;
  }
}

async function runAttached(
  cli: Cli,
  created: CreatedContainer,
  flags: RunFlags,
  streams: Set<string>,
): Promise<number> {
  const { container, fresh } = created;
  const restarts = flags.restart !== '' && flags.restart !== 'no';
  let session: Session | undefined;
  try {
    const run = await startOrPurge(cli, created, flags.rm, (engine) =>
      startContainer(engine, container, {
        fresh,
        owner: !restarts,
        wait: true,
        ...(streams.has('stdout') ? { stdout: cli.stdout } : {}),
        ...(streams.has('stderr') ? { stderr: cli.stderr } : {}),
        beforeStart: ({ monitor, started }) => {
          session = openSession(cli, monitorIo(engine, container.id, monitor, started), {
            tty: flags.tty,
            stdin: streams.has('stdin'),
            stdinOnce: true,
            detachKeys: flags['detach-keys'],
            sigProxy: flags['sig-proxy'],
          });
        },
      }),
    );
    const end = await session!.ended;
    if (end === 'interrupted') {
      // the container goes on; its monitor sees to its end
      run!.monitor.close();
      throw cli.signal.reason;
    }
    if (end === 'detached') {
      run!.monitor.close();
      session!.close();
      cli.stderr.write('read escape sequence\n');
      return 0;
    }
    const engine = withoutSignal(await cli.engine());
    const { exitStatus } = await exitStatusOf(engine, container.id, run!.exited!);
    session!.close();
    if (!restarts) await finishRun(engine, container);
    run!.monitor.done();
    run!.monitor.close();
    return exitStatus;
  } finally {
    session?.close();
  }
}
