import { atLeast, defineCommand } from '../../cli/command.ts';
import { stopContainer } from '../../engine/container/stop.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'stop [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Stop one or more running containers',
  args: atLeast(1),
  complete: '<running>',
  flags: {
    signal: { type: 'string', short: 's', complete: '<signals>', help: 'Signal to send to the container' },
    timeout: { type: 'int', short: 't', help: 'Seconds to wait before killing the container' },
    time: { type: 'alias', of: 'timeout', hidden: true, help: '' },
  },
  run: async (cli, args, flags) => {
    const engine = await cli.engine();
    const timeout = flags.changed.has('timeout') ? flags.timeout : undefined;
    await forEachTarget(cli, args, (target) => stopContainer(engine, target, { timeout, signal: flags.signal }));
  },
});
