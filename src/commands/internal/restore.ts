import { defineCommand, noArgs, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { restoreAll, restoreContainers } from '../../engine/container/restore.ts';

/** Run at boot: starts what has a restart policy, puts away what has ended. Prints the containers it started. */
export const command = defineCommand({
  use: 'restore [OPTIONS]',
  short: 'Start the containers that have a restart policy',
  args: noArgs,
  flags: { 'all-namespaces': { type: 'bool', help: 'In every namespace that has containers of nerdctl' } },
  run: async (cli, _args, flags) => {
    const engine = await cli.engine();
    const restored = await (flags['all-namespaces'] ? restoreAll(engine) : restoreContainers(engine));
    for (const { id, error } of restored) if (!error) cli.stdout.write(`${id}\n`);
    const failed = restored.filter(({ error }) => error !== undefined);
    if (failed.length > 0) {
      throw new StatusError(1, failed.map(({ id, error }) => `${id}: ${errorSentence(error)}`).join('\n'));
    }
  },
});
