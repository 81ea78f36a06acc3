import { type Cli, defineCommand, noArgs } from '../../cli/command.ts';
import { formatList, type ListDefinition } from '../../docker/format/list.ts';
import { familiarName, tryParseReference } from '../../docker/reference.ts';
import { humanSize } from '../../docker/values/units.ts';
import { usageList, verboseLists } from '../../docker/views/disk-usage.ts';
import { type DiskUsage, diskUsage, type ImageUsage, type Usage } from '../../engine/system/disk-usage.ts';
import { listFormatHelp } from '../format-help.ts';

export const command = defineCommand({
  use: 'df [OPTIONS]',
  short: 'Show docker disk usage',
  args: noArgs,
  flags: {
    format: { type: 'string', complete: 'json|table', help: listFormatHelp },
    verbose: { type: 'bool', short: 'v', help: 'Show detailed information on space usage' },
  },
  run: async (cli, _args, { format, verbose }) => {
    const usage = await diskUsage(await cli.engine(), cli.env);
    if (verbose) return showAll(cli, usage, format);
    const row = (type: string, { items, active, total, reclaimable }: Usage<unknown>) => ({
      type,
      count: items.length,
      active,
      size: total,
      reclaimable,
    });
    const rows = [
      row('Images', usage.images),
      row('Containers', usage.containers),
      row('Local Volumes', usage.volumes),
      { ...row('Build Cache', usage.buildCache), noShare: true },
    ];
    cli.stdout.write(await formatList(usageList, rows, { format }));
  },
});

const none = '<none>';

function imageRow(image: ImageUsage) {
  const name = image.RepoTags[0] ?? image.RepoDigests[0];
  const reference = name === undefined ? undefined : tryParseReference(name);
  const Repository = reference ? familiarName(reference) : none;
  return { ...image, Repository, Tag: reference?.tag ?? none, Digest: '' };
}

async function showAll(cli: Cli, usage: DiskUsage, format: string): Promise<void> {
  const isTable = format === '' || format === 'table';
  const lists = verboseLists({ noTrunc: !isTable, now: Date.now() });
  const images = usage.images.items.map(imageRow);
  const { items: containers } = usage.containers;
  const { items: volumes } = usage.volumes;
  const { items: buildCache, total: cached } = usage.buildCache;
  if (!isTable) {
    const { verboseTemplate } = await import('./df-template.ts');
    cli.stdout.write(verboseTemplate(format, { lists, images, containers, volumes, buildCache }));
    return;
  }
  const table = <Row>(list: ListDefinition<Row>, rows: readonly Row[]) => formatList(list, rows, {});
  cli.stdout.write(`Images space usage:\n\n${await table(lists.images, images)}`);
  cli.stdout.write(`\nContainers space usage:\n\n${await table(lists.containers, containers)}`);
  cli.stdout.write(`\nLocal Volumes space usage:\n\n${await table(lists.volumes, volumes)}`);
  cli.stdout.write(`\nBuild cache usage: ${humanSize(cached)}\n\n${await table(lists.buildCache, buildCache)}`);
}
