import { atLeast, defineCommand, UsageError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { removeContainer } from '../../engine/container/remove.ts';
import { forEachTarget } from './for-each.ts';

export const command = defineCommand({
  use: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Remove one or more containers',
  args: atLeast(1),
  complete: '<removable>',
  flags: {
    force: { type: 'bool', short: 'f', help: 'Force the removal of a running container (uses SIGKILL)' },
    link: { type: 'bool', short: 'l', help: 'Remove the specified link' },
    volumes: { type: 'bool', short: 'v', help: 'Remove anonymous volumes associated with the container' },
  },
  run: async (cli, args, flags) => {
    if (flags.link) throw new UsageError('--link is not supported: containers reach each other by name on a network');
    const engine = await cli.engine();
    await forEachTarget(cli, args, async (target) => {
      try {
        await removeContainer(engine, target.replace(/^\//, ''), { force: flags.force, volumes: flags.volumes });
      } catch (error) {
        // docker's rm -f says what is missing and still ends with 0
        if (!flags.force || !isDockerError(error, 'not-found')) throw error;
        cli.stderr.write(`Error response from daemon: ${error.message}\n`);
        return null;
      }
    });
  },
});
