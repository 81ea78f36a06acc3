import type { Output } from '../../cli/command.ts';
import { shortId } from '../../docker/oci.ts';
import { humanSizeWithPrecision } from '../../docker/values/units.ts';
import type { ImageTree, TreeNode } from '../../engine/image/tree.ts';

interface Column {
  title: string;
  width: number;
  right?: boolean;
  value: (node: TreeNode) => string;
}

const gap = '   ';
const size = (bytes: number): string => humanSizeWithPrecision(bytes, 3);

const detailColumns: readonly Column[] = [
  { title: 'ID', width: 12, value: ({ id }) => shortId(id) },
  { title: 'DISK USAGE', width: 10, right: true, value: ({ diskUsage }) => size(diskUsage) },
  { title: 'CONTENT SIZE', width: 12, right: true, value: ({ contentSize }) => size(contentSize) },
  { title: 'EXTRA', width: 5, value: ({ inUse }) => (inUse ? 'U' : '') },
];

/** docker's `images --tree`: the first column as narrow as it can be, the last ones left out where it gets too narrow. */
export function treeText(images: readonly ImageTree[], output: Pick<Output, 'columns' | 'colour'>): string {
  const width = Math.max(output.columns || 80, 20);
  const columns: Column[] = [];
  let left = width;
  for (const column of detailColumns) {
    const taken = column.width + gap.length;
    if (left - taken < 12) break;
    left -= taken;
    columns.push(column);
  }
  const style = (code: string, text: string): string => (output.colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const first = Math.min(left, widest(images));
  const details = (node: TreeNode, code: string): string =>
    columns.map((column) => gap + style(code, fit(column.value(node), column.width, column.right))).join('');
  const lines = [
    style('93', "WARNING: This is an experimental feature. The output may change and shouldn't be depended on."),
    '',
    `${'i Info →   U  In Use'.padStart(first + columns.reduce((sum, { width }) => sum + width + gap.length, 0))}`,
    style('1', fit('IMAGE', first)) +
      columns.map(({ title, width, right }) => gap + style('1', fit(title, width, right))).join(''),
  ];
  images.forEach((image, i) => {
    if (i > 0) lines.push('');
    const names = image.names.length > 0 ? image.names : ['<untagged>'];
    for (const name of names.slice(0, -1)) lines.push(style('1;34', fit(name, first)));
    lines.push(style('1;34', fit(names.at(-1)!, first)) + details(image, '39'));
    for (const [j, platform] of image.platforms.entries()) {
      const code = platform.available ? '39' : '2';
      const branch = j < image.platforms.length - 1 ? '├─' : '└─';
      lines.push(style(code, fit(`${branch} ${platform.platform}`, first)) + details(platform, code));
    }
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function widest(images: readonly ImageTree[]): number {
  const texts = images.flatMap(({ names, platforms }) => [
    ...(names.length > 0 ? names : ['<untagged>']),
    ...platforms.map(({ platform }) => `├─ ${platform}`),
  ]);
  return Math.max('IMAGE'.length, ...texts.map((text) => text.length));
}

function fit(text: string, width: number, right = false): string {
  if (text.length > width) return `${text.slice(0, Math.max(width - 3, 0))}...`;
  return right ? text.padStart(width) : text.padEnd(width);
}
