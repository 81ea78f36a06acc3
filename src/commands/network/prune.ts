import { defineCommand, noArgs } from '../../cli/command.ts';
import { confirmRemoval } from '../../cli/prompt.ts';
import { checkFilter, checkFilterKeys, type Filters, matchLabels, parseFilters } from '../../docker/flags/filters.ts';
import { parseTimestamp } from '../../docker/values/time.ts';
import { pruneNetworks } from '../../engine/network/prune.ts';

export const command = defineCommand({
  use: 'prune [OPTIONS]',
  short: 'Remove all unused networks',
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
    const matches = pruneFilter(parseFilters(filter));
    const warning = 'WARNING! This will remove all custom networks not used by at least one container.';
    if (!force && !(await confirmRemoval(cli, warning))) return;
    const removed = await pruneNetworks(await cli.engine(), matches);
    if (removed.length > 0) cli.stdout.write(`Deleted Networks:\n${removed.join('\n')}\n\n`);
  },
});

/** `until` (created before), `label` and `label!`. */
function pruneFilter(filters: Filters): (network: { labels: Record<string, string>; created: Date }) => boolean {
  checkFilterKeys(filters, ['until', 'label', 'label!']);
  const until = filters.get('until')?.map((text) => parseTimestamp(text, Date.now()) / 1_000_000n);
  const unwanted = filters.get('label!') ?? [];
  return ({ labels, created }) =>
    (until ?? []).every((limit) => BigInt(created.getTime()) < limit) &&
    matchLabels(filters.get('label'), labels) &&
    !unwanted.some((label) => matchLabels([label], labels));
}
