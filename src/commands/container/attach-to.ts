import { type Cli, StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { attachContainer, stdioOf } from '../../engine/container/attach.ts';
import { exitStatusOf } from '../../engine/container/exit-status.ts';
import type { Container } from '../../engine/container/find.ts';
import { withoutSignal } from '../../engine/engine.ts';
import { checkTty, openSession } from './session.ts';

export interface AttachFlags {
  readonly 'detach-keys': string;
  readonly stdin: boolean;
  readonly sigProxy: boolean;
}

/** Attaches this terminal to a running container until it exits or the user detaches; the exit code is its own. */
export async function attachToContainer(cli: Cli, container: Container, flags: AttachFlags): Promise<number> {
  const engine = await cli.engine();
  const { tty, openStdin, stdinOnce } = stdioOf(engine, container);
  const stdin = flags.stdin && openStdin;
  checkTty(cli, { tty, stdin });
  const sinks = { stdout: cli.stdout, stderr: cli.stderr };
  const attached = await attachContainer(engine, container, sinks).catch((error: unknown) => {
    // docker's client refuses by itself
    throw isDockerError(error, 'conflict') ? new StatusError(1, error.message) : error;
  });
  if (tty && cli.stdout.isTerminal) {
    // a program that draws the screen does so again when the size changes, and only then
    await attached.io.resize(cli.stdout.columns, cli.stdout.rows + 1).catch(() => {});
  }
  const session = openSession(cli, attached.io, {
    tty,
    stdin,
    stdinOnce,
    detachKeys: flags['detach-keys'],
    sigProxy: flags.sigProxy,
  });
  try {
    const end = await session.ended;
    if (end === 'interrupted') throw cli.signal.reason;
    if (end === 'detached') {
      session.close();
      // docker's client ends with this sentence and 1
      throw new StatusError(1, 'read escape sequence');
    }
    return (await exitStatusOf(withoutSignal(engine), container.id, attached.exited)).exitStatus;
  } finally {
    session.close();
    attached.close();
  }
}
