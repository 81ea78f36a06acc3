import { defineCommand, exactly } from '../../cli/command.ts';
import { renameContainer } from '../../engine/container/rename.ts';

export const command = defineCommand({
  use: 'rename CONTAINER NEW_NAME',
  short: 'Rename a container',
  args: exactly(2),
  flags: {},
  run: async (cli, [ref, newName]) => renameContainer(await cli.engine(), ref!, newName!.trim()),
});
