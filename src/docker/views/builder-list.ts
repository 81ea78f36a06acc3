import type { ListDefinition } from '../format/list.ts';

/** A line of `buildx ls`: a builder, or its node below it. */
export interface BuilderRow {
  name: string;
  isNode: boolean;
  /** The driver of a builder, the address of a node. */
  endpoint: string;
  status: string;
  version: string;
  platforms: readonly string[];
}

const shownPlatforms = 4;

export function builderList({ isTable, noTrunc }: { isTable: boolean; noTrunc: boolean }): ListDefinition<BuilderRow> {
  const indented = (row: BuilderRow, text: string) => (row.isNode && isTable ? ` \\_ ${text}` : text);
  return {
    typeName: '*commands.lsContext',
    columns: {
      Name: { header: 'NAME/NODE', value: (row) => indented(row, row.isNode || !isTable ? row.name : `${row.name}*`) },
      DriverEndpoint: { header: 'DRIVER/ENDPOINT', value: (row) => indented(row, row.endpoint) },
      LastActivity: { header: 'LAST ACTIVITY', value: () => '' },
      Status: { header: 'STATUS', value: (row) => row.status },
      Buildkit: { header: 'BUILDKIT', value: (row) => row.version },
      Platforms: { header: 'PLATFORMS', value: (row) => platformText(row.platforms, isTable && !noTrunc) },
    },
    defaultTable: '{{.Name}}\t{{.DriverEndpoint}}\t{{.Status}}\t{{.Buildkit}}\t{{.Platforms}}',
    quiet: '{{.Name}}',
  };
}

/** As buildx shortens a long list: `linux/amd64 (+3), linux/arm64, (5 more)` begins the same way. */
function platformText(platforms: readonly string[], shorten: boolean): string {
  const more = platforms.length - shownPlatforms;
  if (!shorten || more <= 0) return platforms.join(', ');
  return `${platforms.slice(0, shownPlatforms).join(', ')}, (${more} more)`;
}
