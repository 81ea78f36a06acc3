import { defineCommand, noArgs } from '../../cli/command.ts';
import { checkFilter, type Filters, parseFilters } from '../../docker/flags/filters.ts';
import { formatList, quietFormatWarning } from '../../docker/format/list.ts';
import { containerList } from '../../docker/views/container-list.ts';
import { type ListedContainer, listContainers } from '../../engine/container/list.ts';
import { summarize } from '../../engine/container/summary.ts';
import type { Engine } from '../../engine/engine.ts';
import { listFormatHelp } from '../format-help.ts';

export const command = defineCommand({
  use: 'ps [OPTIONS]',
  short: 'List containers',
  args: noArgs,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Show all containers (default shows just running)' },
    filter: {
      type: 'array',
      check: checkFilter,
      short: 'f',
      value: 'filter',
      complete:
        'ancestor=<images>|before=<containers>|exited=|expose=|id=|label=|name=<containers>|network=<networks>|publish=|since=<containers>|status=<states>|volume=<volumes>',
      help: 'Filter output based on conditions provided',
    },
    format: { type: 'string', complete: 'json|table', help: listFormatHelp },
    last: { type: 'int', short: 'n', default: -1, help: 'Show n last created containers (includes all states)' },
    latest: { type: 'bool', short: 'l', help: 'Show the latest created container (includes all states)' },
    'no-trunc': { type: 'bool', help: "Don't truncate output" },
    quiet: { type: 'bool', short: 'q', help: 'Only display container IDs' },
    size: { type: 'bool', short: 's', help: 'Display total file sizes' },
  },
  run: async (cli, _args, flags) => {
    const engine = await cli.engine();
    const filters = parseFilters(flags.filter);
    const [matches, listed] = await Promise.all([filterFor(engine, filters), listContainers(engine)]);
    const last = flags.latest ? 1 : flags.last;
    const all = flags.all || last > 0 || filters.has('status') || filters.has('exited');
    const found = listed.filter((entry) => (all || entry.state.Running) && matches(entry));
    const shown = last > 0 ? found.slice(0, last) : found;
    const now = Date.now();
    const rows = shown.map((entry) => summarize(engine, entry, now));
    const size = flags.size || /\.Size\b/.test(flags.format);
    if (size) await (await import('../../engine/container/size.ts')).addSizes(engine, shown, rows);
    if (flags.quiet && flags.format && flags.format !== 'table') cli.stderr.write(`${quietFormatWarning}\n`);
    const definition = containerList({ noTrunc: flags['no-trunc'], size: flags.size, now });
    cli.stdout.write(await formatList(definition, rows, { format: flags.format, quiet: flags.quiet }));
  },
});

/** Code and calls that a plain list does without. */
async function filterFor(engine: Engine, filters: Filters): Promise<(listed: ListedContainer) => boolean> {
  if (filters.size === 0) return () => true;
  return (await import('../../engine/container/list-filter.ts')).containerFilter(engine, filters);
}
