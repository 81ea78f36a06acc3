import { basename } from 'node:path';
import type { OpenEngine } from '../engine/open.ts';
import type { Settings } from '../engine/settings.ts';
import type { Cli, Output } from './cli.ts';
import { type Call, runProgram } from './program.ts';
import { describeFailure, type FailureContext } from './report.ts';
import { resolveSettings } from './settings.ts';
import { listenToSignals, type Signals } from './signals.ts';
import { openInput, openOutput } from './streams.ts';
import type { CommandTable } from './tree.ts';
import { version } from './version.ts';

/** What it was called as: the launcher says so, or the executable itself. */
const name = (process.env.NERDCTL_NAME ?? basename(process.argv0)) === 'docker' ? 'docker' : 'nerdctl';
const logLevels = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'];

/** Runs one command line to its end and prints what went wrong. @returns the exit code, with all output written */
export async function runCommandLine(argv: readonly string[], table: CommandTable): Promise<number> {
  const { env } = process;
  const signals = listenToSignals();
  const stdout = openOutput(1, env, () => signals.abort('SIGPIPE'));
  const stderr = openOutput(2, env, () => signals.abort('SIGPIPE'));
  const context: FailureContext = { name, commandPath: name };
  const state: State = { stdout, stderr, signals, context, debug: argv.includes('-D') || argv.includes('--debug') };
  const fail = (error: unknown) => report(state, error);
  process.on('uncaughtException', (error) => process.exit(fail(error)));
  let exitCode: number;
  try {
    exitCode = await runProgram(
      { name, table, version, print: (text) => stdout.write(text), run: (call) => runCall(state, call) },
      argv,
    );
  } catch (error) {
    exitCode = fail(error);
  }
  // The connection and the helper end with the process: closing them first takes a millisecond.
  await Promise.all([stdout.drained(), stderr.drained()]);
  return exitCode;
}

interface State {
  stdout: Output;
  stderr: Output;
  signals: Signals;
  context: FailureContext;
  debug: boolean;
  stdin?: NodeJS.ReadStream;
  engine?: Promise<OpenEngine>;
}

async function runCall(state: State, call: Call): Promise<number> {
  state.context.commandPath = `${name} ${call.path}`;
  state.context.failure = call.command.failure;
  const level = call.globals.get('log-level');
  if (level !== undefined && !logLevels.includes(String(level).toLowerCase()))
    return refuse(state, `Unable to parse logging level: ${level}`);
  if (['tls', 'tlsverify'].some((flag) => call.globals.get(flag) === true))
    return refuse(
      state,
      'containerd is reached through its local socket, which has no TLS: leave out --tls and --tlsverify',
    );
  if (call.globals.has('config')) process.env.DOCKER_CONFIG = String(call.globals.get('config'));
  if (process.geteuid?.() !== 0 && process.env.NERDCTL_ENTERED !== 'no' && !call.command.outside) {
    const { enterLate } = await import('./enter.ts');
    return enterLate(process.argv.slice(2), state.signals);
  }
  const settings = await resolveSettings({
    env: process.env,
    flags: call.globals,
    euid: process.geteuid?.() ?? 0,
    readToml: async (path) => (await import('./toml.ts')).readToml(path),
  });
  state.debug ||= settings.debug || settings.debugFull;
  const code = await call.command.run(makeCli(state, settings), call.args, call.flags as never);
  return code ?? 0;
}

function makeCli(state: State, settings: Settings): Cli {
  const { signals, context } = state;
  return {
    name,
    commandPath: context.commandPath,
    get stdin() {
      state.stdin ??= openInput();
      return state.stdin;
    },
    stdout: state.stdout,
    stderr: state.stderr,
    env: process.env,
    settings,
    signal: signals.signal,
    takeSignals: signals.take,
    async engine() {
      state.engine ??= import('../engine/open.ts').then(({ openEngine }) => openEngine(settings, signals.signal));
      return (await state.engine).engine;
    },
  };
}

function refuse(state: State, message: string): number {
  state.stderr.write(`${message}\n`);
  return 1;
}

/** Nothing is said about a failure that a signal brought about. */
function report(state: State, error: unknown): number {
  const { exitCode, message } = describeFailure(error, state.context);
  const interrupted = state.signals.exitCode();
  if (interrupted === undefined && message !== '') state.stderr.write(`${message}\n`);
  if (state.debug && error instanceof Error) state.stderr.write(`${error.stack}\n`);
  return interrupted ?? exitCode;
}
