import { defineCommand, noArgs, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { stopAll } from '../../engine/container/stop-all.ts';

/** Run before the machine goes down: stops the containers in order, so that `restore` brings them back. */
export const command = defineCommand({
  use: 'shutdown',
  short: 'Stop the containers of all namespaces as the end of the engine does',
  args: noArgs,
  flags: {},
  run: async (cli) => {
    const stopped = await stopAll(await cli.engine(), undefined, { others: false });
    const failed = stopped.filter(({ error }) => error !== undefined);
    if (failed.length > 0) {
      throw new StatusError(1, failed.map(({ name, error }) => `${name}: ${errorSentence(error)}`).join('\n'));
    }
  },
});
