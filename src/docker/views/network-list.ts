import type { ListDefinition } from '../format/list.ts';
import { shortId } from '../reference.ts';
import { joinLabels } from './labels.ts';

/** What the list needs of a network. */
export interface NetworkRow {
  Id: string;
  Name: string;
  Driver: string;
  Scope: string;
  /** RFC 3339. */
  Created: string;
  EnableIPv4?: boolean;
  EnableIPv6?: boolean;
  Internal?: boolean;
  Labels: Record<string, string>;
}

/** What `network ls` shows. */
export function networkList({ noTrunc = false }: { noTrunc?: boolean } = {}): ListDefinition<NetworkRow> {
  const flag = (header: string, of: (row: NetworkRow) => boolean | undefined) => ({
    header,
    value: (row: NetworkRow) => String(of(row) ?? false),
  });
  return {
    typeName: '*network.networkContext',
    columns: {
      ID: { header: 'NETWORK ID', value: (row) => (noTrunc ? row.Id : shortId(row.Id)) },
      Name: { header: 'NAME', value: (row) => row.Name },
      Driver: { header: 'DRIVER', value: (row) => row.Driver },
      Scope: { header: 'SCOPE', value: (row) => row.Scope },
      IPv4: flag('IPV4', (row) => row.EnableIPv4 ?? true),
      IPv6: flag('IPV6', (row) => row.EnableIPv6),
      Internal: flag('INTERNAL', (row) => row.Internal),
      Labels: { header: 'LABELS', value: (row) => joinLabels(row.Labels) },
      CreatedAt: { header: 'CREATED AT', value: (row) => goTime(row.Created) },
    },
    label: (row, key) => row.Labels[key] ?? '',
    defaultTable: '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
    quiet: '{{.ID}}',
    raw: 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n',
    rawQuiet: 'network_id: {{.ID}}',
  };
}

/** Go's time.Time.String of an RFC 3339 text in UTC. */
function goTime(text: string): string {
  return text.replace('T', ' ').replace(/Z$/, ' +0000 UTC');
}
