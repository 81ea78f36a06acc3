import { defineCommand, noArgs } from '../../cli/command.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { formatList } from '../../docker/format/list.ts';
import { volumeList } from '../../docker/views/volume-list.ts';
import { filterVolumes } from '../../engine/volume/list.ts';
import { volumeSize } from '../../engine/volume/size.ts';
import { listFormatHelp } from '../format-help.ts';

export const command = defineCommand({
  use: 'ls [OPTIONS]',
  short: 'List volumes',
  args: noArgs,
  flags: {
    filter: {
      type: 'array',
      check: checkFilter,
      short: 'f',
      value: 'filter',
      complete: 'dangling=<bool>|driver=local|label=|name=<volumes>',
      help: 'Provide filter values (e.g. "dangling=true")',
    },
    format: { type: 'string', complete: 'json|table', help: listFormatHelp },
    quiet: { type: 'bool', short: 'q', help: 'Only display volume names' },
    size: { type: 'bool', short: 's', help: 'Display the disk usage of volumes' },
  },
  run: async (cli, _args, { filter, format, quiet, size }) => {
    const volumes = await filterVolumes(await cli.engine(), parseFilters(filter));
    const rows = await Promise.all(
      volumes.map(async (volume) => (size ? { ...volume, Size: await volumeSize(volume.Mountpoint) } : volume)),
    );
    cli.stdout.write(await formatList(volumeList({ size }), rows, { format, quiet }));
  },
});
