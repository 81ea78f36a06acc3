import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { renameContainer } from '../../engine/container/rename.ts';

export const command = defineCommand({
  use: 'rename CONTAINER NEW_NAME',
  short: 'Rename a container',
  args: exactly(2),
  complete: ['<containers>', ''],
  flags: {},
  run: async (cli, [ref = '', newName = '']) => {
    const [from, to] = [ref.trim(), newName.trim()];
    if (from === '' || to === '') throw new StatusError(1, 'Error: Neither old nor new names may be empty');
    const engine = await cli.engine();
    try {
      await renameContainer(engine, from, to);
    } catch (error) {
      if (cli.signal.aborted) throw error;
      throw new StatusError(1, `${errorSentence(error)}\nError: failed to rename container named ${from}`);
    }
  },
});
