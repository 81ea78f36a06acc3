import { readFileSync } from 'node:fs';
import { atLeast, type Cli, defineCommand, StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { mergeEnv, parseEnv, parseEnvFile } from '../../docker/flags/env.ts';
import { execInContainer } from '../../engine/container/exec.ts';
import { findContainer } from '../../engine/container/find.ts';
import { checkDetachKeys, checkTty, openSession, type Session } from './session.ts';

export const command = defineCommand({
  use: 'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
  short: 'Execute a command in a running container',
  args: atLeast(2),
  complete: ['<unpaused>', ''],
  interspersed: false,
  flags: {
    detach: { type: 'bool', short: 'd', help: 'Detached mode: run command in the background' },
    'detach-keys': { type: 'string', complete: 'ctrl-', help: 'Override the key sequence for detaching a container' },
    env: { type: 'array', short: 'e', complete: '<env>', help: 'Set environment variables' },
    'env-file': { type: 'slice', complete: '<files>', help: 'Read in a file of environment variables' },
    interactive: { type: 'bool', short: 'i', help: 'Keep STDIN open even if not attached' },
    privileged: { type: 'bool', help: 'Give extended privileges to the command' },
    tty: { type: 'bool', short: 't', help: 'Allocate a pseudo-TTY' },
    user: { type: 'string', short: 'u', help: 'Username or UID (format: "<name|uid>[:<group|gid>]")' },
    workdir: { type: 'string', short: 'w', help: 'Working directory inside the container' },
  },
  run: async (cli, [ref, ...cmd], flags) => {
    const stdin = flags.interactive && !flags.detach;
    checkTty(cli, { tty: flags.tty, stdin });
    const lookup = (name: string) => cli.env[name];
    const fromFiles = flags['env-file'].flatMap((file) => parseEnvFile(readFileSync(file), file, lookup));
    const env = mergeEnv(
      fromFiles,
      flags.env.map((entry) => parseEnv(entry, lookup)),
    );
    const engine = await cli.engine();
    const container = await findContainer(engine, ref!);
    checkDetachKeys(flags['detach-keys'], 'escape keys');
    let session: Session | undefined;
    try {
      const run = await execInContainer(
        engine,
        container,
        {
          ref: ref!,
          Cmd: cmd,
          Env: env,
          User: flags.user,
          WorkingDir: flags.workdir,
          Privileged: flags.privileged,
          Tty: flags.tty,
          ConsoleSize: flags.tty && cli.stdout.isTerminal ? [cli.stdout.rows, cli.stdout.columns] : undefined,
          AttachStdin: stdin,
          detach: flags.detach,
          stdout: cli.stdout,
          stderr: cli.stderr,
        },
        (io) => {
          const detachKeys = flags['detach-keys'];
          session = openSession(cli, io, { tty: flags.tty, stdin, stdinOnce: true, detachKeys, sigProxy: false });
        },
      );
      if (!run) return 0;
      const end = await session!.ended;
      session!.close();
      const exitCode = end === 'exited' ? await run.exitCode : 0;
      await run.close();
      if (end === 'interrupted') throw cli.signal.reason;
      // docker's client ends with this sentence and 1
      if (end === 'detached') throw new StatusError(1, 'read escape sequence');
      return exitCode;
    } catch (error) {
      throw flags.detach ? error : execError(cli, error);
    } finally {
      session?.close();
    }
  },
});

/**
 * Docker attaches before it starts the command: what goes wrong then is written to the stream, and the exit code is that
 * of a shell, 127 for a command that is not there and else 126.
 */
function execError(cli: Cli, error: unknown): unknown {
  if (!isDockerError(error)) return error;
  const { message } = error;
  if (!/OCI runtime exec failed|^unable to find (user|group)/i.test(message)) return error;
  cli.stdout.write(`${message}\r\n`);
  return new StatusError(/executable file not found|no such file or directory/.test(message) ? 127 : 126);
}
