import { defineCommand, exactly } from '../../cli/command.ts';
import { copyImage, parseNamespacedName } from '../../engine/image/copy.ts';

export const command = defineCommand({
  use: 'cp [OPTIONS] NAMESPACE/IMAGE[:TAG] NAMESPACE/[IMAGE[:TAG]]',
  short: 'Give an image of one containerd namespace to another, without copying its content',
  args: exactly(2),
  flags: {
    platform: {
      type: 'string',
      complete: '<platforms>',
      help: 'Copy only the given platform. Formatted as "os[/arch[/variant]]"',
    },
  },
  run: async (cli, [from = '', to = ''], { platform }) => {
    const source = parseNamespacedName(from);
    const target = parseNamespacedName(to);
    await copyImage(await cli.engine(), source, target, { platform: platform || undefined });
  },
});
