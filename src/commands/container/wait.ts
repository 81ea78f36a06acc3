import { atLeast, defineCommand } from '../../cli/command.ts';
import { waitContainer } from '../../engine/container/wait.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'wait CONTAINER [CONTAINER...]',
  short: 'Block until one or more containers stop, then print their exit codes',
  args: atLeast(1),
  complete: '<running>',
  flags: {},
  run: async (cli, args) => {
    const engine = await cli.engine();
    await forEachTarget(cli, args, async (target) => String(await waitContainer(engine, target)));
  },
});
