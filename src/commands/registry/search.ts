import { defineCommand, exactly } from '../../cli/command.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { formatList } from '../../docker/format/list.ts';
import { searchList } from '../../docker/views/search-list.ts';
import { registryOptions } from '../../engine/image/registry-options.ts';
import { searchImages } from '../../engine/registry/search.ts';
import { dockerConfigDir } from '../image/docker-config.ts';

export const command = defineCommand({
  use: 'search [OPTIONS] TERM',
  short: 'Search Docker Hub for images',
  args: exactly(1),
  flags: {
    filter: {
      type: 'array',
      check: checkFilter,
      short: 'f',
      value: 'filter',
      complete: 'is-automated=<bool>|is-official=<bool>|stars=',
      help: 'Filter output based on conditions provided',
    },
    format: { type: 'string', complete: 'json|table', help: 'Pretty-print search using a Go template' },
    limit: { type: 'int', default: 0, help: 'Max number of search results' },
    'no-trunc': { type: 'bool', help: "Don't truncate output" },
  },
  run: async (cli, [term = ''], { filter, format, limit, ...flags }) => {
    const options = registryOptions(cli, dockerConfigDir(cli));
    const rows = await searchImages(term, { filters: parseFilters(filter), limit }, options);
    cli.stdout.write(await formatList(searchList(flags['no-trunc']), rows, { format }));
  },
});
