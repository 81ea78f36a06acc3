import { defineCommand, noArgs } from '../../cli/command.ts';
import { confirmRemoval } from '../../cli/prompt.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { humanSize } from '../../docker/values/units.ts';
import { pruneImages } from '../../engine/image/prune.ts';

export const command = defineCommand({
  use: 'prune [OPTIONS]',
  short: 'Remove unused images',
  args: noArgs,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Remove all unused images, not just dangling ones' },
    filter: {
      type: 'array',
      check: checkFilter,
      complete: 'label=|label!=|until=',
      help: 'Provide filter values (e.g. "until=<timestamp>")',
      value: 'filter',
    },
    force: { type: 'bool', short: 'f', help: 'Do not prompt for confirmation' },
  },
  run: async (cli, _args, flags) => {
    const filters = parseFilters(flags.filter);
    // docker adds what -a means to what the user has said, so that a contradiction is refused.
    const dangling = new Set([...(filters.get('dangling') ?? []), String(!flags.all)]);
    const warning = flags.all
      ? 'WARNING! This will remove all images without at least one container associated to them.'
      : 'WARNING! This will remove all dangling images.';
    if (!flags.force && !(await confirmRemoval(cli, warning))) return;
    const report = await pruneImages(await cli.engine(), {
      ...Object.fromEntries(filters),
      dangling: [...dangling],
    });
    if (report.ImagesDeleted.length > 0) {
      const lines = report.ImagesDeleted.map((line) =>
        'Untagged' in line ? `untagged: ${line.Untagged}\n` : `deleted: ${line.Deleted}\n`,
      );
      cli.stdout.write(`Deleted Images:\n${lines.join('')}\n`);
    }
    cli.stdout.write(`Total reclaimed space: ${humanSize(report.SpaceReclaimed)}\n`);
  },
});
