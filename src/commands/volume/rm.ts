import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { removeVolumes } from '../../engine/volume/remove.ts';

export const command = defineCommand({
  use: 'rm [OPTIONS] VOLUME [VOLUME...]',
  short: 'Remove one or more volumes',
  long: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
  args: atLeast(1),
  complete: '<volumes>',
  flags: {
    force: { type: 'bool', short: 'f', help: 'Force the removal of one or more volumes' },
  },
  run: async (cli, names, { force }) => {
    const removals = await removeVolumes(await cli.engine(), names, { force });
    const errors: string[] = [];
    for (const { name, error } of removals) {
      if (error === undefined) cli.stdout.write(`${name}\n`);
      else errors.push(errorSentence(error));
    }
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
  },
});
