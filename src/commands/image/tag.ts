import { defineCommand, exactly } from '../../cli/command.ts';
import { tagImage } from '../../engine/image/tag.ts';

export const command = defineCommand({
  use: 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  args: exactly(2),
  complete: '<images>',
  flags: {},
  run: async (cli, [source = '', target = '']) => {
    await tagImage(await cli.engine(), source, target);
  },
});
