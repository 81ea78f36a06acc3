import { atLeast, defineCommand } from '../../cli/command.ts';
import { killContainer } from '../../engine/container/stop.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'kill [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Kill one or more running containers',
  args: atLeast(1),
  complete: '<running>',
  flags: {
    signal: { type: 'string', short: 's', default: '', complete: '<signals>', help: 'Signal to send to the container' },
  },
  run: async (cli, args, flags) => {
    const engine = await cli.engine();
    await forEachTarget(cli, args, (target) => killContainer(engine, target, flags.signal || 'KILL'));
  },
});
