import type { ListDefinition } from '../format/list.ts';
import { shortId } from '../reference.ts';
import { humanDuration } from '../values/durations.ts';
import { quote } from '../values/go-quote.ts';
import { formatCreatedAt } from '../values/time.ts';
import { humanSizeWithPrecision } from '../values/units.ts';
import { joinLabels } from './labels.ts';
import { displayPorts, type PortSummary } from './ports.ts';

/** An entry of `GET /containers/json` (Docker Engine API). */
export interface ContainerSummary {
  Id: string;
  /** With the leading slash. */
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  /** Seconds since 1970. */
  Created: number;
  Ports: PortSummary[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string>;
  State: string;
  Status: string;
  HostConfig?: { NetworkMode: string };
  NetworkSettings: { Networks: Record<string, unknown> };
  Mounts: { Type: string; Name?: string; Source?: string; Destination: string }[];
}

export interface ContainerListOptions {
  noTrunc?: boolean;
  /** Adds the SIZE column. */
  size?: boolean;
  /** Milliseconds since 1970. */
  now: number;
  zone?: { offset: number; name: string };
}

/** What ps shows of a container. */
export function containerList(options: ContainerListOptions): ListDefinition<ContainerSummary> {
  const { noTrunc = false, size = false, now, zone } = options;
  const short = (text: string, width: number): string => (noTrunc ? text : ellipsis(text, width));
  return {
    typeName: '*formatter.ContainerContext',
    columns: {
      ID: { header: 'CONTAINER ID', value: (row) => (noTrunc ? row.Id : shortId(row.Id)) },
      Names: { header: 'NAMES', value: (row) => displayNames(row.Names, noTrunc) },
      Image: { header: 'IMAGE', value: (row) => displayImage(row, noTrunc) },
      Command: { header: 'COMMAND', value: (row) => quote(short(row.Command, 20)) },
      CreatedAt: { header: 'CREATED AT', value: (row) => formatCreatedAt(row.Created * 1000, zone) },
      RunningFor: { header: 'CREATED', value: (row) => `${humanDuration(now - row.Created * 1000)} ago` },
      Ports: { header: 'PORTS', value: (row) => displayPorts(row.Ports) },
      State: { header: 'STATE', value: (row) => row.State },
      Status: { header: 'STATUS', value: (row) => row.Status },
      Size: { header: 'SIZE', value: displaySize },
      Labels: { header: 'LABELS', value: (row) => joinLabels(row.Labels) },
      Mounts: {
        header: 'MOUNTS',
        value: (row) => row.Mounts.map(({ Name, Source = '' }) => short(Name || Source, 15)).join(','),
      },
      LocalVolumes: {
        header: 'LOCAL VOLUMES',
        value: (row) => String(row.Mounts.filter(({ Type, Name }) => Type === 'volume' && Name).length),
      },
      Networks: { header: 'NETWORKS', value: (row) => Object.keys(row.NetworkSettings.Networks).join(',') },
    },
    label: (row, key) => row.Labels[key] ?? '',
    defaultTable: `{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}${size ? '\t{{.Size}}' : ''}`,
    quiet: '{{.ID}}',
    raw: `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
${size ? 'size: {{.Size}}\n' : ''}`,
    rawQuiet: 'container_id: {{.ID}}',
  };
}

/** At most `width` characters; what is cut is marked by `…`. */
export function ellipsis(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

function displayNames(names: readonly string[], noTrunc: boolean): string {
  const plain = names.map((name) => name.replace(/^\//, ''));
  return (noTrunc ? plain : plain.slice(0, 1)).join(',');
}

function displayImage({ Image, ImageID }: ContainerSummary, noTrunc: boolean): string {
  if (Image === '') return '<no image>';
  if (noTrunc) return Image;
  if (Image === ImageID || Image === ImageID.replace(/^sha256:/, '')) return shortId(ImageID);
  const at = Image.indexOf('@');
  return at < 0 ? Image : Image.slice(0, at);
}

function displaySize({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = humanSizeWithPrecision(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${humanSizeWithPrecision(SizeRootFs, 3)})` : own;
}

/** The Command of the list: the path and its arguments, those with a space in single quotes. */
export function displayCommand(path: string, args: readonly string[]): string {
  return [path, ...args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg))].join(' ').trim();
}
