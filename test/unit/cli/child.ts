import { type Cli, defineCommand, noArgs, StatusError, UsageError } from '../../../src/cli/command.ts';
import { confirm, confirmRemoval } from '../../../src/cli/prompt.ts';
import { runCommandLine } from '../../../src/cli/session.ts';
import { enterRawMode, watchSize } from '../../../src/cli/terminal.ts';
import type { CommandTable } from '../../../src/cli/tree.ts';
import { DockerError } from '../../../src/docker/errors.ts';

/** A program of small commands, started by session.test.ts as a process of its own. */
const actions: Record<string, (cli: Cli) => Promise<number | undefined>> = {
  many: async (cli) => {
    for (let i = 0; i < 200_000; i++) if (!cli.stdout.write(`line ${i} of the output\n`)) await cli.stdout.drained();
    return 3;
  },
  endless: async (cli) => {
    while (!cli.signal.aborted) {
      cli.stdout.write('y\n'.repeat(1000));
      await cli.stdout.drained();
      await new Promise(setImmediate);
    }
    throw cli.signal.reason;
  },
  wait: async (cli) => {
    cli.stdout.write('ready\n');
    const idle = setInterval(() => {}, 1000);
    await new Promise((resolve) => cli.signal.addEventListener('abort', resolve));
    clearInterval(idle);
    throw new Error('cut short');
  },
  take: async (cli) => {
    const name = await new Promise<string>((resolve) => {
      cli.takeSignals(['SIGTERM', 'SIGUSR2'], resolve);
      setInterval(() => {}, 1000);
      cli.stdout.write('ready\n');
    });
    cli.stdout.write(`${name} ${cli.signal.aborted}\n`);
    return 0;
  },
  ask: async (cli) => {
    const answers = [await confirmRemoval(cli, 'WARNING! This will remove it.'), await confirm(cli, 'Really?')];
    cli.stdout.write(`\n${answers.join(' ')}\n`);
    return 0;
  },
  raw: async (cli) => {
    const restore = enterRawMode(cli);
    const forget = watchSize(cli, (columns, rows) => cli.stdout.write(`<${columns}x${rows}>`));
    cli.stdout.write(`<${cli.stdout.columns}x${cli.stdout.rows}>\n<ready>`);
    await new Promise<void>((resolve) => {
      cli.stdin.on('data', (chunk: Buffer) => {
        cli.stdout.write(`<${chunk.toString('hex')}>`);
        if (chunk.includes('q')) resolve();
        if (chunk.includes('!')) process.kill(process.pid, 'SIGTERM');
      });
    });
    forget();
    restore();
    cli.stdout.write('restored\n');
    return 0;
  },
  engine: () => Promise.reject(new DockerError('not-found', 'No such container: x')),
  unavailable: () => Promise.reject(new DockerError('unavailable', 'cannot connect to containerd')),
  many_failed: () => Promise.reject(new AggregateError([new DockerError('conflict', 'one'), new Error('two')])),
  status: () => Promise.reject(new StatusError(9)),
  usage: () => Promise.reject(new UsageError('conflicting options')),
  bug: () => Promise.reject(new TypeError('x is not a function')),
  later: () =>
    new Promise(() =>
      setImmediate(() => {
        throw new Error('thrown in a callback');
      }),
    ),
};

function entry(path: string, run: (cli: Cli) => Promise<number | undefined>, failure?: 'run') {
  const command = defineCommand({ use: path, short: '', args: noArgs, flags: {}, failure, run });
  return { paths: [path], short: '', hidden: false, load: async () => ({ command }) };
}

const table: CommandTable = {
  commands: [
    ...Object.entries(actions).map(([path, run]) => entry(path, run)),
    entry('run', () => Promise.reject(new DockerError('system', process.env.FAILURE ?? '')), 'run'),
  ],
  groups: {},
  groupUsage: {},
  groupAliases: {},
  commonCommands: [],
  unlistedGroups: [],
  wordSources: async () => ({ wordSources: {} }),
};

runCommandLine(process.argv.slice(2), table).then((exitCode) => process.exit(exitCode));
