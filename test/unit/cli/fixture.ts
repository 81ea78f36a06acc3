import { type AnyCommand, anyArgs, atLeast, atMost, defineCommand, exactly, noArgs } from '../../../src/cli/command.ts';
import { type Call, runProgram } from '../../../src/cli/program.ts';
import type { CommandEntry, CommandTable } from '../../../src/cli/tree.ts';

const format = `Format output using a custom template:
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`;

const run = async () => 0;

const ps = defineCommand({
  use: 'ps [OPTIONS]',
  short: 'List containers',
  args: noArgs,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Show all containers (default shows just running)' },
    filter: { type: 'array', short: 'f', value: 'filter', help: 'Filter output based on conditions provided' },
    format: { type: 'string', help: format },
    last: { type: 'int', short: 'n', default: -1, help: 'Show n last created containers (includes all states)' },
    latest: { type: 'bool', short: 'l', help: 'Show the latest created container (includes all states)' },
    'no-trunc': { type: 'bool', help: "Don't truncate output" },
    quiet: { type: 'bool', short: 'q', help: 'Only display container IDs' },
    size: { type: 'bool', short: 's', help: 'Display total file sizes' },
  },
  run,
});

const remove = defineCommand({
  use: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Remove one or more containers',
  args: atLeast(1),
  flags: {
    force: { type: 'bool', short: 'f', help: 'Force the removal of a running container (uses SIGKILL)' },
    link: { type: 'bool', short: 'l', help: 'Remove the specified link' },
    volumes: { type: 'bool', short: 'v', help: 'Remove anonymous volumes associated with the container' },
  },
  run,
});

const rename = defineCommand({
  use: 'rename CONTAINER NEW_NAME',
  short: 'Rename a container',
  args: exactly(2),
  flags: {},
  run,
});

const volumeCreate = defineCommand({
  use: 'create [OPTIONS] [VOLUME]',
  short: 'Create a volume',
  args: atMost(1),
  flags: {
    driver: { type: 'string', short: 'd', default: 'local', help: 'Specify volume driver name' },
    opt: { type: 'array', short: 'o', value: 'map', defaultText: 'map[]', help: 'Set driver specific options' },
  },
  run,
});

const runCommand = defineCommand({
  use: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create and run a new container from an image',
  args: atLeast(1),
  interspersed: false,
  flags: {
    attach: { type: 'slice', short: 'a', help: 'Attach to STDIN, STDOUT or STDERR' },
    hostname: { type: 'string', short: 'h', help: 'Container host name' },
    tty: { type: 'bool', short: 't', help: 'Allocate a pseudo-TTY' },
  },
  run,
});

const wait = defineCommand({
  use: 'wait CONTAINER [CONTAINER...]',
  short: 'Block until one or more containers stop, then print their exit codes',
  args: atLeast(1),
  flags: {},
  run,
});

const secret = defineCommand({ use: 'exited', short: 'Unseen', args: anyArgs, flags: {}, run });

function entry(paths: string, command: AnyCommand, hidden = false): CommandEntry {
  return { paths: paths.split(', '), short: command.short, hidden, load: async () => ({ command }) };
}

/** A small tree with docker's own declarations, so that its client can be asked the same. */
export const fixture: CommandTable = {
  commands: [
    entry('container ls, container list, container ps, ps', ps),
    entry('container rename, rename', rename),
    entry('container rm, container remove, rm', remove),
    entry('container run, run', runCommand),
    entry('container wait, wait', wait),
    entry('internal exited', secret, true),
    entry('volume create', volumeCreate),
  ],
  groups: { container: 'Manage containers', internal: '', network: 'Manage networks', volume: 'Manage volumes' },
  groupUsage: { volume: 'volume COMMAND' },
  groupAliases: { vol: 'volume' },
  commonCommands: ['run', 'ps'],
  unlistedGroups: [],
  wordSources: async () => ({ wordSources: {} }),
};

export interface Outcome {
  stdout: string;
  exitCode: number;
  error?: string;
  call?: Omit<Call, 'command'>;
}

/** What the fixture's program prints, fails with, or would run. */
export async function tryLine(line: readonly string[], name = 'nerdctl', columns = 80): Promise<Outcome> {
  const outcome: Outcome = { stdout: '', exitCode: 0 };
  const host = {
    name,
    table: fixture,
    version: '1.2.3',
    print: (text: string) => {
      outcome.stdout += text;
    },
    width: columns,
    run: async ({ path, args, flags, globals }: Call) => {
      outcome.call = { path, args, flags, globals };
      return 0;
    },
  };
  try {
    outcome.exitCode = await runProgram(host, line);
  } catch (error) {
    const { message, exitCode } = error as Error & { exitCode: number };
    Object.assign(outcome, { error: message, exitCode });
  }
  return outcome;
}
