import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { isDockerError } from '../../docker/errors.ts';
import { removeNetwork } from '../../engine/network/remove.ts';

export const command = defineCommand({
  use: 'rm NETWORK [NETWORK...]',
  short: 'Remove one or more networks',
  args: atLeast(1),
  complete: '<networks>',
  flags: {
    force: { type: 'bool', short: 'f', help: 'Do not error if the network does not exist' },
  },
  run: async (cli, names, { force }) => {
    const engine = await cli.engine();
    const errors: string[] = [];
    // All of them take the same lock.
    for (const name of names) {
      try {
        await removeNetwork(engine, name);
        cli.stdout.write(`${name}\n`);
      } catch (error) {
        if (!(force && isDockerError(error, 'not-found'))) errors.push(errorSentence(error));
      }
    }
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
  },
});
