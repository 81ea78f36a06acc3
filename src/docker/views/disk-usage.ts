import type { ListDefinition } from '../format/list.ts';
import { humanDuration } from '../values/durations.ts';
import { humanSize } from '../values/units.ts';
import type { BuildCacheRow } from './build-cache-list.ts';
import { type ContainerSummary, containerList } from './container-list.ts';
import { type ImageRow, imageList } from './image-list.ts';
import { type VolumeRow, volumeList } from './volume-list.ts';

/** A line of `system df`. Sizes in bytes. */
export interface UsageRow {
  type: string;
  count: number;
  active: number;
  size: number;
  reclaimable: number;
  /** The share of `reclaimable` is not shown of the build cache. */
  noShare?: boolean;
}

export const usageList: ListDefinition<UsageRow> = {
  typeName: '*formatter.diskUsageImagesContext',
  columns: {
    Type: { header: 'TYPE', value: ({ type }) => type },
    TotalCount: { header: 'TOTAL', value: ({ count }) => String(count) },
    Active: { header: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { header: 'SIZE', value: ({ size }) => humanSize(size) },
    Reclaimable: { header: 'RECLAIMABLE', value: reclaimable },
  },
  defaultTable: '{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}',
  quiet: '{{.Type}}',
  raw: 'type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n',
};

function reclaimable({ size, reclaimable: free, noShare }: UsageRow): string {
  const share = size > 0 && !noShare ? ` (${Math.trunc((free * 100) / size)}%)` : '';
  return humanSize(free) + share;
}

export type ImageUsageRow = ImageRow & { SharedSize: number; Containers: number };
export type VolumeUsageRow = VolumeRow & { Links: number };

export interface VerboseOptions {
  /** Tables cut IDs and commands, other formats do not. */
  noTrunc: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

/** The tables of `system df -v`. */
export function verboseLists({ noTrunc, now }: VerboseOptions) {
  const images = imageList({ noTrunc, now });
  const containers = containerList({ noTrunc, now });
  const volumes = volumeList();
  return {
    images: {
      ...images,
      columns: {
        ...images.columns,
        SharedSize: { header: 'SHARED SIZE', value: (row) => humanSize(row.SharedSize) },
        UniqueSize: { header: 'UNIQUE SIZE', value: (row) => humanSize(row.Size - row.SharedSize) },
        Containers: { header: 'CONTAINERS', value: (row) => String(row.Containers) },
      },
      defaultTable:
        '{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}',
    } as ListDefinition<ImageUsageRow>,
    containers: {
      ...containers,
      defaultTable:
        '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}',
    } as ListDefinition<ContainerSummary>,
    volumes: {
      ...volumes,
      columns: { ...volumes.columns, Links: { header: 'LINKS', value: (row) => String(row.Links) } },
      defaultTable: '{{.Name}}\t{{.Links}}\t{{.Size}}',
    } as ListDefinition<VolumeUsageRow>,
    buildCache: cacheUsageList({ noTrunc, now }),
  };
}

function cacheUsageList({ noTrunc, now }: VerboseOptions): ListDefinition<BuildCacheRow> {
  const since = (time: number | undefined) => (time === undefined ? '' : `${humanDuration(now - time)} ago`);
  return {
    typeName: '*formatter.buildCacheContext',
    columns: {
      ID: { header: 'CACHE ID', value: ({ ID, InUse }) => (noTrunc ? ID : ID.slice(0, 12)) + (InUse ? '*' : '') },
      Parent: {
        header: 'PARENT',
        value: ({ Parents }) => Parents.map((id) => (noTrunc ? id : id.slice(0, 12))).join(', '),
      },
      CacheType: { header: 'CACHE TYPE', value: ({ RecordType }) => RecordType },
      Size: { header: 'SIZE', value: ({ Size }) => humanSize(Size) },
      CreatedSince: {
        header: 'CREATED',
        value: ({ CreatedAt }) => since(Date.parse(CreatedAt.replace(/ \+0000 UTC$/, 'Z')) || undefined),
      },
      InUse: { header: 'IN USE', value: ({ InUse }) => String(InUse) },
      LastUsedSince: { header: 'LAST USED', value: ({ LastUsedAt }) => since(LastUsedAt) },
      UsageCount: { header: 'USAGE', value: ({ UsageCount }) => String(UsageCount) },
      Shared: { header: 'SHARED', value: ({ Shared }) => String(Shared) },
      Description: { header: 'DESCRIPTION', value: ({ Description }) => Description },
    },
    defaultTable:
      '{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}',
    quiet: '{{.ID}}',
  };
}
