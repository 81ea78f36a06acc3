import { atLeast, defineCommand } from '../../cli/command.ts';
import { inspectFormatHelp } from '../format-help.ts';
import { inspectAny } from '../inspect-any.ts';

export const command = defineCommand({
  use: 'inspect [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Display detailed information on one or more containers',
  args: atLeast(1),
  complete: '<containers>',
  flags: {
    format: { type: 'string', short: 'f', complete: 'json', help: inspectFormatHelp },
    mode: { type: 'string', default: 'dockercompat', hidden: true, help: 'Inspect mode, "dockercompat" or "native"' },
    size: { type: 'bool', short: 's', help: 'Display total file sizes' },
  },
  run: (cli, refs, flags) => inspectAny(cli, refs, { ...flags, type: 'container' }),
});
