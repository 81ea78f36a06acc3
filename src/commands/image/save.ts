import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { saveImages } from '../../engine/image/save.ts';
import { writeStream } from '../../host/write-stream.ts';

export const command = defineCommand({
  use: 'save [OPTIONS] IMAGE [IMAGE...]',
  short: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  args: atLeast(1),
  complete: '<images>',
  flags: {
    'all-platforms': { type: 'bool', help: 'Save the images of all platforms' },
    output: { type: 'string', short: 'o', complete: '<files>', help: 'Write to a file, instead of STDOUT' },
    platform: {
      type: 'slice',
      value: 'strings',
      complete: '<platforms>',
      help: 'Save only the given platform(s). Formatted as a comma-separated list of "os[/arch[/variant]]" (e.g., "linux/amd64,linux/arm64/v8")',
    },
    quiet: { type: 'bool', short: 'q', help: 'Suppress progress output', hidden: true },
  },
  run: async (cli, args, flags) => {
    if (flags.output === '' && cli.stdout.isTerminal) {
      throw new StatusError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect');
    }
    if (flags.output !== '' && !existsSync(dirname(flags.output))) {
      throw new StatusError(
        1,
        `failed to save image: invalid output path: directory "${dirname(flags.output)}" does not exist`,
      );
    }
    if (flags.output !== '' && statSync(flags.output, { throwIfNoEntry: false })?.isDirectory()) {
      throw new StatusError(1, 'failed to save image: cannot write to a directory');
    }
    const archive = saveImages(await cli.engine(), args, {
      platforms: flags.platform,
      allPlatforms: flags['all-platforms'],
    });
    if (flags.output !== '') return writeStream(flags.output, archive);
    for await (const chunk of archive) if (!cli.stdout.write(chunk)) await cli.stdout.drained();
  },
});
