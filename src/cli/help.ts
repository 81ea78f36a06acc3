import type { FlagSpec, FlagTable } from './flags.ts';
import { quote } from './quote.ts';
import { wrap } from './wrap.ts';

/** Those that help shows, sorted by name. */
export function shownFlags(table: FlagTable): [name: string, spec: FlagSpec][] {
  return Object.entries(table)
    .filter(([, spec]) => !spec.hidden && spec.deprecated === undefined && spec.type !== 'alias')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The options block of `--help`: pflag's FlagUsagesWrapped. */
export function flagUsages(table: FlagTable, width: number): string {
  const rows = shownFlags(table).map(
    ([name, spec]) => [flagColumn(name, spec), spec.help + defaultSuffix(spec)] as const,
  );
  const column = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, text]) => `${left.padEnd(column)}   ${wrap(text, column + 3, width)}\n`).join('');
}

const valueWords: Readonly<Record<FlagSpec['type'], string>> = {
  bool: '',
  string: 'string',
  int: 'int',
  uint: 'uint',
  float: 'decimal',
  duration: 'duration',
  bytes: 'bytes',
  array: 'list',
  slice: 'list',
  alias: '',
};

function flagColumn(name: string, spec: FlagSpec): string {
  const letter = spec.short === undefined ? '    ' : `-${spec.short}, `;
  const word = valueWord(spec);
  return `  ${letter}--${name}${word === '' ? '' : ` ${word}`}`;
}

/** What stands for the value; empty where the flag needs none. */
export function valueWord(spec: FlagSpec): string {
  return spec.value ?? valueWords[spec.type];
}

/** ` (default …)`, or nothing. */
export function defaultSuffix(spec: FlagSpec): string {
  if (spec.defaultText !== undefined) return spec.defaultText === '' ? '' : ` (default ${spec.defaultText})`;
  switch (spec.type) {
    case 'bool':
      return spec.default ? ' (default true)' : '';
    case 'string':
      return spec.default ? ` (default ${quote(spec.default)})` : '';
    case 'array':
    case 'slice':
      return spec.default?.length ? ` (default [${spec.default.join(',')}])` : '';
    case 'duration':
      return ` (default ${formatDuration(spec.default ?? 0)})`;
    case 'alias':
      return '';
    default:
      return spec.default ? ` (default ${spec.default})` : '';
  }
}

/** Whole hours, minutes and seconds as Go prints a duration: `1m30s`. */
function formatDuration(nanoseconds: number): string {
  const seconds = nanoseconds / 1e9;
  if (seconds < 1 && seconds > 0) return `${nanoseconds / 1e6}ms`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const tail = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}

/** A titled list of commands, names padded to the widest of all lists but at least 11. */
export function commandList(
  title: string,
  rows: readonly (readonly [name: string, short: string])[],
  column: number,
): string {
  if (rows.length === 0) return '';
  return `\n${title}:\n${rows.map(([name, short]) => `  ${name.padEnd(column)} ${short}\n`).join('')}`;
}
