import { atLeast, defineCommand } from '../cli/command.ts';
import { inspectFormatHelp } from './format-help.ts';
import { inspectAny } from './inspect-any.ts';

export const command = defineCommand({
  use: 'inspect [OPTIONS] NAME|ID [NAME|ID...]',
  short: 'Return low-level information on Docker objects',
  args: atLeast(1),
  complete: '<objects>',
  flags: {
    format: { type: 'string', short: 'f', complete: 'json', help: inspectFormatHelp },
    mode: { type: 'string', default: 'dockercompat', hidden: true, help: 'Inspect mode, "dockercompat" or "native"' },
    size: { type: 'bool', short: 's', help: 'Display total file sizes if the type is container' },
    type: {
      type: 'string',
      complete: 'container|image|network|volume',
      help: 'Only inspect objects of the given type',
    },
  },
  run: inspectAny,
});
