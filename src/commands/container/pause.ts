import { atLeast, defineCommand } from '../../cli/command.ts';
import { pauseContainer } from '../../engine/container/pause.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'pause CONTAINER [CONTAINER...]',
  short: 'Pause all processes within one or more containers',
  args: atLeast(1),
  complete: '<unpaused>',
  flags: {},
  run: async (cli, args) => {
    const engine = await cli.engine();
    await forEachTarget(cli, args, (target) => pauseContainer(engine, target));
  },
});
