import { atLeast, defineCommand } from '../../cli/command.ts';
import { unpauseContainer } from '../../engine/container/pause.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'unpause CONTAINER [CONTAINER...]',
  short: 'Unpause all processes within one or more containers',
  args: atLeast(1),
  complete: '<paused>',
  flags: {},
  run: async (cli, args) => {
    const engine = await cli.engine();
    await forEachTarget(cli, args, (target) => unpauseContainer(engine, target));
  },
});
