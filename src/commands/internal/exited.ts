import { defineCommand, exactly } from '../../cli/command.ts';
import { handleExit } from '../../engine/container/exited.ts';

/** Started by a container's monitor when it has ended and nobody else sees to it. */
export const command = defineCommand({
  use: 'exited CONTAINER',
  short: 'Remove, restart or put away a container that has ended',
  args: exactly(1),
  flags: {},
  run: async (cli, [id]) => handleExit(await cli.engine(), id!, { taskDeleted: cli.env.NERDCTL_TASK_DELETED === '1' }),
});
