import { defineCommand, noArgs } from '../../cli/command.ts';
import { confirmRemoval } from '../../cli/prompt.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { humanSize } from '../../docker/values/units.ts';
import { pruneVolumes } from '../../engine/volume/prune.ts';

const warnings = {
  all: 'WARNING! This will remove all local volumes not used by at least one container.',
  anonymous: 'WARNING! This will remove anonymous local volumes not used by at least one container.',
};

export const command = defineCommand({
  use: 'prune [OPTIONS]',
  short: 'Remove unused local volumes',
  args: noArgs,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Remove all unused volumes, not just anonymous ones' },
    filter: {
      type: 'array',
      check: checkFilter,
      value: 'filter',
      complete: 'label=|label!=',
      help: 'Provide filter values (e.g. "label=<label>")',
    },
    force: { type: 'bool', short: 'f', help: 'Do not prompt for confirmation' },
  },
  run: async (cli, _args, { all, filter, force }) => {
    const filters = parseFilters(filter);
    if (all) filters.set('all', ['true']);
    if (!force && !(await confirmRemoval(cli, all ? warnings.all : warnings.anonymous))) return;
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(await cli.engine(), filters);
    if (VolumesDeleted.length > 0) cli.stdout.write(`Deleted Volumes:\n${VolumesDeleted.join('\n')}\n\n`);
    cli.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
  },
});
