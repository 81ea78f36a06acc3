import { atLeast, type Cli, defineCommand, StatusError } from '../../cli/command.ts';
import { monitorIo, stdioOf } from '../../engine/container/attach.ts';
import { finishRun } from '../../engine/container/exit.ts';
import { exitStatusOf } from '../../engine/container/exit-status.ts';
import { findContainer } from '../../engine/container/find.ts';
import { restartPolicyOf } from '../../engine/container/restart-policy.ts';
import { startContainer } from '../../engine/container/start.ts';
import { withoutSignal } from '../../engine/engine.ts';
import { attachToContainer } from './attach-to.ts';
import { forEachTarget } from './for-each.ts';
import { checkDetachKeys, checkTty, openSession, type Session } from './session.ts';

export const command = defineCommand({
  use: 'start [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Start one or more stopped containers',
  args: atLeast(1),
  complete: '<stopped>',
  flags: {
    attach: { type: 'bool', short: 'a', help: 'Attach STDOUT/STDERR and forward signals' },
    'detach-keys': { type: 'string', complete: 'ctrl-', help: 'Override the key sequence for detaching a container' },
    interactive: { type: 'bool', short: 'i', help: "Attach container's STDIN" },
  },
  run: async (cli, args, flags) => {
    if (!flags.attach && !flags.interactive) {
      const engine = await cli.engine();
      const start = async (target: string) => {
        const run = await startContainer(engine, await findContainer(engine, target));
        run?.monitor.close();
      };
      await forEachTarget(cli, args, start, (failed) => `Error: failed to start containers: ${failed.join(', ')}`);
      return 0;
    }
    if (args.length > 1) throw new StatusError(1, 'you cannot start and attach multiple containers at once');
    return startAttached(cli, args[0]!, flags);
  },
});

async function startAttached(
  cli: Cli,
  ref: string,
  flags: { readonly 'detach-keys': string; readonly interactive: boolean },
): Promise<number> {
  const engine = await cli.engine();
  const container = await findContainer(engine, ref);
  checkDetachKeys(flags['detach-keys'], 'detach keys');
  const { tty, openStdin } = stdioOf(engine, container);
  const stdin = flags.interactive && openStdin;
  checkTty(cli, { tty, stdin });
  const restarts = restartPolicyOf(container.labels).Name !== 'no';
  let session: Session | undefined;
  try {
    const run = await startContainer(engine, container, {
      owner: !restarts,
      wait: true,
      stdout: cli.stdout,
      stderr: cli.stderr,
      beforeStart: ({ monitor, started }) => {
        session = openSession(cli, monitorIo(engine, container.id, monitor, started), {
          tty,
          stdin,
          stdinOnce: true,
          detachKeys: flags['detach-keys'],
          sigProxy: true,
        });
      },
    });
    if (!run) return await attachToContainer(cli, container, { ...flags, sigProxy: true, stdin: flags.interactive });
    const end = await session!.ended;
    if (end === 'interrupted') {
      // the container goes on; its monitor sees to its end
      run.monitor.close();
      throw cli.signal.reason;
    }
    if (end === 'detached') {
      run.monitor.close();
      return 0;
    }
    const { exitStatus } = await exitStatusOf(withoutSignal(engine), container.id, run.exited!);
    session!.close();
    if (!restarts) await finishRun(withoutSignal(engine), container);
    run.monitor.done();
    run.monitor.close();
    return exitStatus;
  } finally {
    session?.close();
  }
}
