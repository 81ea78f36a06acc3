import { defineCommand, noArgs } from '../../cli/command.ts';
import { confirm } from '../../cli/prompt.ts';
import { cacheFilter } from '../../docker/flags/build-cache-filters.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { humanSize } from '../../docker/values/units.ts';
import { buildCacheDetails, lastUsed } from '../../docker/views/build-cache-list.ts';
import { pruneCache } from '../../engine/build/cache.ts';
import { daemonFlags, withDaemon } from './daemon-flags.ts';

export const command = defineCommand({
  use: 'prune',
  short: 'Remove build cache',
  args: noArgs,
  flags: {
    ...daemonFlags,
    all: { type: 'bool', short: 'a', help: 'Include internal/frontend images' },
    filter: { type: 'array', check: checkFilter, value: 'filter', help: 'Provide filter values' },
    force: { type: 'bool', short: 'f', help: 'Do not prompt for confirmation' },
    'keep-storage': {
      type: 'bytes',
      help: 'Amount of disk space to keep for cache',
      deprecated: 'keep-storage flag has been changed to reserved-space',
    },
    'max-used-space': { type: 'bytes', help: 'Maximum amount of disk space allowed to keep for cache' },
    'min-free-space': { type: 'bytes', help: 'Target amount of free disk space after pruning' },
    'reserved-space': { type: 'bytes', help: 'Amount of disk space always allowed to keep for cache' },
    verbose: { type: 'bool', help: 'Provide a more verbose output' },
  },
  run: async (cli, _args, flags) => {
    const warning = `WARNING! This will remove all ${flags.all ? '' : 'dangling '}build cache. Are you sure you want to continue?`;
    if (!flags.force && !(await confirm(cli, warning))) return;
    await withDaemon(cli, flags, async (daemon) => {
      let total = 0;
      let first = true;
      const removed = pruneCache(daemon, {
        ...cacheFilter(parseFilters(flags.filter)),
        all: flags.all,
        reservedSpace: flags['reserved-space'] || flags['keep-storage'],
        maxUsedSpace: flags['max-used-space'],
        minFreeSpace: flags['min-free-space'],
      });
      for await (const row of removed) {
        total += row.Size;
        if (flags.verbose) {
          cli.stdout.write(`${buildCacheDetails(row, Date.now())}\n`);
          continue;
        }
        const id = `${row.ID}${row.Mutable ? '*' : ''}`.padEnd(40);
        const size = `${humanSize(row.Size)}${row.Shared ? '*' : ''}`.padEnd(10);
        // As buildx: the titles are laid out with the first row, the others by themselves.
        const gap = first ? '\t\t' : '\t';
        if (first) cli.stdout.write('ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n');
        first = false;
        cli.stdout.write(`${id}\t${String(!row.InUse).padEnd(5)}${gap}${size}\t${lastUsed(row, Date.now())}\n`);
      }
      cli.stdout.write(`Total:\t${humanSize(total)}\n`);
    });
  },
});
