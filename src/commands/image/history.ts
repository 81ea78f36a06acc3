import { defineCommand, exactly } from '../../cli/command.ts';
import { formatList, type ListDefinition } from '../../docker/format/list.ts';
import { shortId } from '../../docker/reference.ts';
import { humanDuration } from '../../docker/values/durations.ts';
import { formatLocalRfc3339 } from '../../docker/values/time.ts';
import { humanSizeWithPrecision } from '../../docker/values/units.ts';
import { ellipsis } from '../../docker/views/container-list.ts';
import { type HistoryItem, imageHistory } from '../../engine/image/history.ts';
import { listFormatHelp } from '../format-help.ts';

/** Characters of the column CREATED BY. */
const createdByWidth = 45;

export const command = defineCommand({
  use: 'history [OPTIONS] IMAGE',
  short: 'Show the history of an image',
  args: exactly(1),
  complete: '<images>',
  flags: {
    format: { type: 'string', short: 'f', complete: 'json|table', help: listFormatHelp },
    human: { type: 'bool', short: 'H', default: true, help: 'Print sizes and dates in human readable format' },
    'no-trunc': { type: 'bool', help: "Don't truncate output" },
    platform: {
      type: 'string',
      complete: '<platforms>',
      help: 'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    },
    quiet: { type: 'bool', short: 'q', help: 'Only show image IDs' },
  },
  run: async (cli, [ref = ''], { format, quiet, human, platform, ...flags }) => {
    const items = await imageHistory(await cli.engine(), ref, { platform: platform || undefined });
    // docker's history has no format for -q but that of its table.
    const idsOnly = quiet && (format === '' || format === 'table');
    cli.stdout.write(await formatList(list(human, flags['no-trunc']), items, { format, quiet: idsOnly }));
  },
});

const list = (human: boolean, noTrunc: boolean): ListDefinition<HistoryItem> => ({
  typeName: '*image.historyContext',
  columns: {
    Comment: { header: 'COMMENT', value: ({ Comment }) => Comment },
    CreatedAt: { header: 'CREATED AT', value: createdAt },
    CreatedBy: {
      header: 'CREATED BY',
      value: ({ CreatedBy }) => {
        const text = CreatedBy.replaceAll('\t', ' ');
        return noTrunc ? text : ellipsis(text, createdByWidth);
      },
    },
    CreatedSince: {
      header: 'CREATED',
      value: (item) => {
        if (!human || item.Created === undefined) return createdAt(item);
        return `${humanDuration(Date.now() - item.Created * 1000)} ago`;
      },
    },
    ID: { header: 'IMAGE', value: ({ Id }) => (noTrunc || Id === '<missing>' ? Id : shortId(Id)) },
    Size: { header: 'SIZE', value: ({ Size }) => (human ? humanSizeWithPrecision(Size, 3) : String(Size)) },
  },
  defaultTable: `{{.ID}}\t${human ? '{{.CreatedSince}}' : '{{.CreatedAt}}'}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
  quiet: '{{.ID}}',
});

const createdAt = ({ Created }: HistoryItem): string => (Created === undefined ? 'N/A' : formatLocalRfc3339(Created));
