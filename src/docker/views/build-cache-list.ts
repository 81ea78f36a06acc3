import type { Column, ListDefinition } from '../format/list.ts';
import { humanDuration } from '../values/durations.ts';
import { humanSize } from '../values/units.ts';

/** A record of BuildKit's cache. */
export interface BuildCacheRow {
  ID: string;
  Parents: readonly string[];
  /** As Go prints a time. */
  CreatedAt: string;
  Mutable: boolean;
  InUse: boolean;
  Shared: boolean;
  /** Bytes. */
  Size: number;
  Description: string;
  UsageCount: number;
  /** Milliseconds since 1970. */
  LastUsedAt: number | undefined;
  RecordType: string;
}

/** What `buildx du` shows. @param now milliseconds since 1970; `isTable` marks what is mutable and shared with a star */
export function buildCacheList({ now, isTable }: { now: number; isTable: boolean }): ListDefinition<BuildCacheRow> {
  const star = (wanted: boolean) => (wanted && isTable ? '*' : '');
  return {
    typeName: '*commands.diskusageContext',
    columns: {
      ID: { header: 'ID', value: (row) => row.ID + star(row.Mutable) },
      Parents: {
        header: 'PARENTS',
        value: (row) => `[${row.Parents.join(' ')}]`,
        json: ({ Parents }) => (Parents.length > 0 ? Parents : null),
      },
      CreatedAt: { header: 'CREATED AT', value: (row) => row.CreatedAt },
      Mutable: bare('MUTABLE', (row) => row.Mutable),
      Reclaimable: bare('RECLAIMABLE', (row) => !row.InUse),
      Shared: bare('SHARED', (row) => row.Shared),
      Size: { header: 'SIZE', value: (row) => humanSize(row.Size) + star(row.Shared) },
      Description: { header: 'DESCRIPTION', value: (row) => row.Description },
      UsageCount: bare('USAGE COUNT', (row) => row.UsageCount),
      LastUsedAt: { header: 'LAST ACCESSED', value: (row) => lastUsed(row, now) },
      Type: { header: 'TYPE', value: (row) => row.RecordType },
    },
    defaultTable: '{{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastUsedAt}}',
    quiet: '{{.ID}}',
  };
}

/** In JSON no string. */
function bare(header: string, field: (row: BuildCacheRow) => boolean | number): Column<BuildCacheRow> {
  return { header, value: (row) => String(field(row)), json: field };
}

/** `3 hours ago`, or nothing for what was never used. */
export function lastUsed({ LastUsedAt }: BuildCacheRow, now: number): string {
  return LastUsedAt === undefined ? '' : `${humanDuration(now - LastUsedAt)} ago`;
}

/** All that is known of a record: `buildx du --verbose`. */
export function buildCacheDetails(row: BuildCacheRow, now: number): string {
  const lines: [name: string, value: unknown][] = [
    ['ID', row.ID],
    ['Parents', row.Parents.length > 0 ? row.Parents.map((parent) => `\n - ${parent}`).join('') : ''],
    ['Created at', row.CreatedAt],
    ['Mutable', row.Mutable],
    ['Reclaimable', !row.InUse],
    ['Shared', row.Shared],
    ['Size', humanSize(row.Size)],
    ['Description', row.Description],
    ['Usage count', row.UsageCount],
    ['Last used', lastUsed(row, now)],
    ['Type', row.RecordType],
  ];
  return lines
    .filter(([, value]) => value !== '')
    .map(([name, value]) => (name === 'Parents' ? `${name}:${value}\n` : `${`${name}:`.padEnd(14)}${value}\n`))
    .join('');
}

/** The last lines of `buildx du`. */
export function buildCacheSummary(rows: readonly BuildCacheRow[]): string {
  const sum = (list: readonly BuildCacheRow[]) => list.reduce((total, { Size }) => total + Math.max(Size, 0), 0);
  const total = sum(rows);
  const shared = sum(rows.filter((row) => row.Shared));
  const lines: [string, number][] =
    shared > 0
      ? [
          ['Shared', shared],
          ['Private', total - shared],
        ]
      : [];
  lines.push(['Reclaimable', sum(rows.filter((row) => !row.InUse))], ['Total', total]);
  return tabbed(lines.map(([name, size]) => [`${name}:`, humanSize(size)]));
}

/** Cells that tabs bring below each other, as Go's text/tabwriter with tabs of eight. */
function tabbed(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([name]) => Math.floor(name.length / 8) + 1));
  return rows.map(([name, value]) => `${name}${'\t'.repeat(width - Math.floor(name.length / 8))}${value}\n`).join('');
}
