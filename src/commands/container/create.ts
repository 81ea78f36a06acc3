import { atLeast, defineCommand } from '../../cli/command.ts';
import { createFlags } from './create-flags.ts';
import { createFromFlags } from './create-from-flags.ts';

export const command = defineCommand({
  use: 'create [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create a new container',
  args: atLeast(1),
  complete: ['<images>', ''],
  interspersed: false,
  flags: createFlags,
  run: async (cli, args, flags) => {
    const { container } = await createFromFlags(cli, args, flags, { startFollows: false });
    cli.stdout.write(`${container.id}\n`);
  },
});
