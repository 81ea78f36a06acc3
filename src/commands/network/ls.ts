import { defineCommand, noArgs } from '../../cli/command.ts';
import { checkFilter, parseFilters } from '../../docker/flags/filters.ts';
import { formatList, type ListDefinition } from '../../docker/format/list.ts';
import { networkFilter } from '../../engine/network/filter.ts';
import { type DockerNetwork, listNetworks } from '../../engine/network/inspect.ts';
import { listFormatHelp } from '../format-help.ts';

/** RFC 3339 in UTC as Go's time.Time prints itself. */
function goTime(created: string): string {
  return created
    .replace('T', ' ')
    .replace(/(\.\d*?)0*Z$/, '$1Z')
    .replace(/\.?Z$/, ' +0000 UTC');
}

const list = (noTrunc: boolean): ListDefinition<DockerNetwork> => ({
  typeName: '*network.networkContext',
  columns: {
    CreatedAt: { header: 'CREATED AT', value: ({ Created }) => goTime(Created) },
    Driver: { header: 'DRIVER', value: ({ Driver }) => Driver },
    ID: { header: 'NETWORK ID', value: ({ Id }) => (noTrunc ? Id : Id.slice(0, 12)) },
    IPv4: { header: 'IPV4', value: ({ EnableIPv4 }) => String(EnableIPv4) },
    IPv6: { header: 'IPV6', value: ({ EnableIPv6 }) => String(EnableIPv6) },
    Internal: { header: 'INTERNAL', value: ({ Internal }) => String(Internal) },
    Labels: {
      header: 'LABELS',
      value: ({ Labels }) =>
        Object.entries(Labels)
          .map(([key, value]) => `${key}=${value}`)
          .sort()
          .join(','),
    },
    Name: { header: 'NAME', value: ({ Name }) => Name },
    Scope: { header: 'SCOPE', value: ({ Scope }) => Scope },
  },
  label: ({ Labels }, key) => Labels[key] ?? '',
  defaultTable: '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
  quiet: '{{.ID}}',
  raw: 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n',
});

export const command = defineCommand({
  use: 'ls [OPTIONS]',
  short: 'List networks',
  args: noArgs,
  flags: {
    filter: {
      type: 'array',
      check: checkFilter,
      short: 'f',
      value: 'filter',
      complete: 'driver=<network-drivers>|id=|label=|name=<networks>|scope=local|type=builtin|type=custom',
      help: 'Provide filter values (e.g. "driver=bridge")',
    },
    format: { type: 'string', complete: 'json|table', help: listFormatHelp },
    'no-trunc': { type: 'bool', help: 'Do not truncate the output' },
    quiet: { type: 'bool', short: 'q', help: 'Only display network IDs' },
  },
  run: async (cli, _args, { filter, format, quiet, ...flags }) => {
    const engine = await cli.engine();
    const matches = await networkFilter(engine, parseFilters(filter));
    const networks = (await listNetworks(engine)).filter(matches);
    cli.stdout.write(await formatList(list(flags['no-trunc']), networks, { format, quiet }));
  },
});
