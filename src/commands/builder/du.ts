import { defineCommand, noArgs, StatusError } from '../../cli/command.ts';
import { cacheFilter } from '../../docker/flags/build-cache-filters.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { formatList } from '../../docker/format/list.ts';
import { buildCacheDetails, buildCacheList, buildCacheSummary } from '../../docker/views/build-cache-list.ts';
import { buildCache } from '../../engine/build/cache.ts';
import { daemonFlags, withDaemon } from './daemon-flags.ts';

export const command = defineCommand({
  use: 'du',
  short: 'Disk usage',
  args: noArgs,
  flags: {
    ...daemonFlags,
    filter: { type: 'array', check: checkFilter, value: 'filter', help: 'Provide filter values' },
    format: { type: 'string', complete: 'json|table', help: 'Format the output' },
    verbose: { type: 'bool', help: 'Shorthand for "--format=pretty"' },
  },
  run: async (cli, _args, flags) => {
    if (flags.format !== '' && flags.verbose) {
      throw new StatusError(1, 'ERROR: --format and --verbose cannot be used together');
    }
    await withDaemon(cli, flags, async (daemon) => {
      const { filter } = cacheFilter(parseFilters(flags.filter));
      const rows = await buildCache(daemon, filter);
      const now = Date.now();
      const format = flags.verbose ? 'pretty' : flags.format;
      const isTable = format === '' || format.startsWith('table');
      const text =
        format === 'pretty'
          ? rows.map((row) => `${buildCacheDetails(row, now)}\n`).join('')
          : await formatList(buildCacheList({ now, isTable }), rows, { format });
      cli.stdout.write(text);
      const whole = flags.filter.length === 0 && ['', 'table', 'pretty'].includes(format);
      if (whole) cli.stdout.write(buildCacheSummary(rows));
    });
  },
});
