import { atMost, defineCommand } from '../../cli/command.ts';
import { layOutTable } from '../../docker/format/table-writer.ts';
import { formatGoDuration } from '../../docker/values/durations.ts';
import { bytesSize } from '../../docker/values/units.ts';
import { type BuilderInfo, builderInfo, type GcPolicy } from '../../engine/build/builder-info.ts';
import { daemonFlags, withDaemon } from './daemon-flags.ts';

export const command = defineCommand({
  use: 'inspect [NAME]',
  short: 'Inspect current builder instance',
  args: atMost(1),
  flags: {
    ...daemonFlags,
    bootstrap: { type: 'bool', help: 'Ensure builder has booted before inspecting' },
  },
  run: async (cli, [name = ''], flags) => {
    const info = await withDaemon(cli, { ...flags, builder: name || flags.builder }, builderInfo);
    cli.stdout.write(describe(info));
  },
});

function describe({ address, version, platforms, labels, gcPolicies }: BuilderInfo): string {
  const head = [
    ['Name', 'default'],
    ['Driver', 'remote'],
  ];
  const node = [
    ['Name', 'default'],
    ['Endpoint', address],
    ['Status', 'running'],
    ['BuildKit version', version],
    ['Platforms', platforms.join(', ')],
  ].filter(([, value]) => value !== '');
  const names = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    block(head),
    `\nNodes:\n${block(node)}`,
    names.length > 0 ? `Labels:\n${block(names, ' ')}` : '',
    ...gcPolicies.map((policy, number) => `GC Policy rule#${number}:\n${block(rule(policy), ' ')}`),
  ].join('');
}

function rule(policy: GcPolicy): string[][] {
  const size = (bytes: number) => (bytes > 0 ? bytesSize(bytes) : '');
  return [
    ['All', String(policy.all)],
    ['Filters', policy.filters.join(' ')],
    ['Keep Duration', policy.keepDuration > 0 ? formatGoDuration(policy.keepDuration) : ''],
    ['Reserved Space', size(policy.reservedSpace)],
    ['Max Used Space', size(policy.maxUsedSpace)],
    ['Min Free Space', size(policy.minFreeSpace)],
  ].filter(([, value]) => value !== '');
}

/** `Name:  value` lines, the values below each other. */
function block(rows: readonly (readonly string[])[], indent = ''): string {
  return layOutTable(rows.map(([name, value]) => `${indent}${name}:\t${value}\n`).join(''), 0, 1);
}
