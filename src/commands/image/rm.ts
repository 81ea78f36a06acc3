import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { isDockerError } from '../../docker/errors.ts';
import { removeImage } from '../../engine/image/remove.ts';

export const command = defineCommand({
  use: 'rmi [OPTIONS] IMAGE [IMAGE...]',
  short: 'Remove one or more images',
  args: atLeast(1),
  complete: '<images>',
  flags: {
    async: { type: 'bool', help: 'Do not wait until the content has been removed' },
    force: { type: 'bool', short: 'f', help: 'Force removal of the image' },
    'no-prune': { type: 'bool', help: 'Do not delete untagged parents' },
    platform: {
      type: 'slice',
      value: 'strings',
      complete: '<platforms>',
      help: 'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    },
  },
  run: async (cli, args, flags) => {
    const engine = await cli.engine();
    const errors: unknown[] = [];
    const options = { force: flags.force, async: flags.async };
    const remove = async (ref: string) => {
      if (flags.platform.length === 0) return removeImage(engine, ref, options);
      const { removePlatforms } = await import('../../engine/image/remove-platforms.ts');
      return removePlatforms(engine, ref, flags.platform, options);
    };
    // One after the other: what the first removes changes what the next one means.
    for (const ref of args) {
      try {
        for (const line of await remove(ref)) {
          cli.stdout.write('Untagged' in line ? `Untagged: ${line.Untagged}\n` : `Deleted: ${line.Deleted}\n`);
        }
      } catch (error) {
        if (cli.signal.aborted) throw error;
        errors.push(error);
      }
    }
    if (errors.length === 0) return;
    const text = errors.map(errorSentence).join('\n');
    if (!flags.force || !errors.every((error) => isDockerError(error, 'not-found'))) throw new StatusError(1, text);
    cli.stderr.write(`${text}\n`);
  },
});
