import type { ListDefinition } from '../format/list.ts';
import { humanSize } from '../values/units.ts';
import { joinLabels } from './labels.ts';

/** What the list needs of a volume. */
export interface VolumeRow {
  Name: string;
  Driver: string;
  Scope: string;
  Mountpoint: string;
  Labels: Record<string, string> | null;
  /** Bytes, where they were counted (--size). */
  Size?: number;
}

const notKnown = 'N/A';

/** What `volume ls` shows; nerdctl's --size adds a column. */
export function volumeList({ size = false }: { size?: boolean } = {}): ListDefinition<VolumeRow> {
  const unknown = (header: string) => ({ header, value: () => notKnown });
  return {
    typeName: '*formatter.volumeContext',
    columns: {
      Name: { header: 'VOLUME NAME', value: (row) => row.Name },
      Driver: { header: 'DRIVER', value: (row) => row.Driver },
      Scope: { header: 'SCOPE', value: (row) => row.Scope },
      Mountpoint: { header: 'MOUNTPOINT', value: (row) => row.Mountpoint },
      Labels: { header: 'LABELS', value: (row) => joinLabels(row.Labels) },
      Size: { header: 'SIZE', value: (row) => (row.Size === undefined ? notKnown : humanSize(row.Size)) },
      Links: unknown('LINKS'),
      Availability: unknown('AVAILABILITY'),
      Group: unknown('GROUP'),
      Status: unknown('STATUS'),
    },
    label: (row, key) => row.Labels?.[key] ?? '',
    defaultTable: `{{.Driver}}\t{{.Name}}${size ? '\t{{.Size}}' : ''}`,
    quiet: '{{.Name}}',
    raw: 'name: {{.Name}}\ndriver: {{.Driver}}\n',
    rawQuiet: 'name: {{.Name}}',
  };
}
