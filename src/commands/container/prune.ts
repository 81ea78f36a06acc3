import { defineCommand, noArgs } from '../../cli/command.ts';
import { confirmRemoval } from '../../cli/prompt.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { humanSize } from '../../docker/values/units.ts';
import { pruneContainers } from '../../engine/container/prune.ts';

export const command = defineCommand({
  use: 'prune [OPTIONS]',
  short: 'Remove all stopped containers',
  args: noArgs,
  flags: {
    filter: {
      type: 'array',
      check: checkFilter,
      value: 'filter',
      complete: 'label=|label!=|until=',
      help: 'Provide filter values (e.g. "until=<timestamp>")',
    },
    force: { type: 'bool', short: 'f', help: 'Do not prompt for confirmation' },
  },
  run: async (cli, _args, { filter, force }) => {
    const filters = parseFilters(filter);
    if (!force && !(await confirmRemoval(cli, 'WARNING! This will remove all stopped containers.'))) return;
    const { ContainersDeleted, SpaceReclaimed } = await pruneContainers(await cli.engine(), filters);
    if (ContainersDeleted.length > 0) cli.stdout.write(`Deleted Containers:\n${ContainersDeleted.join('\n')}\n\n`);
    cli.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
  },
});
