import type { ListDefinition } from '../format/list.ts';
import { shortId } from '../reference.ts';
import { humanDuration } from '../values/durations.ts';
import { formatCreatedAt } from '../values/time.ts';
import { humanSize, humanSizeWithPrecision } from '../values/units.ts';

/** One line of `images`: an image under one of its names. */
export interface ImageRow {
  /** `sha256:…` */
  Id: string;
  /** Familiar name, or `<none>`. */
  Repository: string;
  /** `<none>` without one. */
  Tag: string;
  /** `sha256:…` or `<none>`. */
  Digest: string;
  /** Seconds since 1970. */
  Created: number;
  /** Bytes. */
  Size: number;
}

export interface ImageListOptions {
  noTrunc?: boolean;
  digests?: boolean;
  /** Milliseconds since 1970. */
  now: number;
  zone?: { offset: number; name: string };
}

/** What `images` shows. */
export function imageList({ noTrunc, digests, now, zone }: ImageListOptions): ListDefinition<ImageRow> {
  const unknown = (header: string) => ({ header, value: () => 'N/A' });
  return {
    typeName: '*formatter.imageContext',
    columns: {
      ID: { header: 'IMAGE ID', value: (row) => (noTrunc ? row.Id : shortId(row.Id)) },
      Repository: { header: 'REPOSITORY', value: (row) => row.Repository },
      Tag: { header: 'TAG', value: (row) => row.Tag },
      Digest: { header: 'DIGEST', value: (row) => row.Digest },
      CreatedSince: {
        header: 'CREATED',
        value: (row) => (row.Created <= 0 ? 'N/A' : `${humanDuration(now - row.Created * 1000)} ago`),
      },
      CreatedAt: { header: 'CREATED AT', value: (row) => formatCreatedAt(row.Created * 1000, zone) },
      Size: { header: 'SIZE', value: (row) => humanSizeWithPrecision(row.Size, 3) },
      VirtualSize: { header: 'SIZE', value: (row) => humanSize(row.Size) },
      Containers: unknown('CONTAINERS'),
      SharedSize: unknown('SHARED SIZE'),
      UniqueSize: unknown('UNIQUE SIZE'),
    },
    defaultTable: `{{.Repository}}\t{{.Tag}}${digests ? '\t{{.Digest}}' : ''}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    quiet: '{{.ID}}',
    raw: `repository: {{.Repository}}
tag: {{.Tag}}
${digests ? 'digest: {{.Digest}}\n' : ''}image_id: {{.ID}}
created_at: {{.CreatedAt}}
virtual_size: {{.Size}}
`,
    rawQuiet: 'image_id: {{.ID}}',
  };
}
