import { atLeast, defineCommand } from '../../cli/command.ts';
import { restartContainer } from '../../engine/container/restart.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'restart [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Restart one or more containers',
  args: atLeast(1),
  complete: '<containers>',
  flags: {
    signal: { type: 'string', short: 's', complete: '<signals>', help: 'Signal to send to the container' },
    timeout: { type: 'int', short: 't', help: 'Seconds to wait before killing the container' },
    time: { type: 'alias', of: 'timeout', hidden: true, help: '' },
  },
  run: async (cli, args, flags) => {
    const engine = await cli.engine();
    const timeout = flags.changed.has('timeout') ? flags.timeout : undefined;
    await forEachTarget(cli, args, (target) => restartContainer(engine, target, { timeout, signal: flags.signal }));
  },
});
