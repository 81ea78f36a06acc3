import type { AnyCommand } from './command.ts';
import type { WordSources } from './complete/expression.ts';

export interface CommandEntry {
  /** Every path that calls the command, in the order of docker's `Aliases:`. */
  readonly paths: readonly string[];
  readonly short: string;
  readonly load: () => Promise<{ command: AnyCommand }>;
  /** Works, but no help lists it. */
  readonly hidden: boolean;
}

export interface CommandTable {
  readonly commands: readonly CommandEntry[];
  /** The management commands, with their short help. One without commands is not there for the user. */
  readonly groups: Readonly<Record<string, string>>;
  /** The usage that errors show for a management command, where it is not its name alone. */
  readonly groupUsage: Readonly<Record<string, string>>;
  /** Other names of a management command. */
  readonly groupAliases: Readonly<Record<string, string>>;
  /** The commands that root help lists first, in this order. */
  readonly commonCommands: readonly string[];
  /** Management commands that root help does not list. */
  readonly unlistedGroups: readonly string[];
  /** What `<name>` stands for where a shell completes a word. */
  readonly wordSources: () => Promise<{ wordSources: WordSources }>;
}

/** Where the words of a command line lead; `path` is the name that help and errors show. */
export type Node =
  | { kind: 'group'; path: string; short: string }
  | { kind: 'command'; path: string; entry: CommandEntry };

export type Row = readonly [name: string, short: string];

/** The group or command called `word` under `parent` (empty for the root). */
export function findNode(table: CommandTable, parent: string, word: string): Node | undefined {
  const alias = parent === '' && Object.hasOwn(table.groupAliases, word) ? table.groupAliases[word] : undefined;
  const path = parent === '' ? (alias ?? word) : `${parent} ${word}`;
  const entry = table.commands.find(({ paths }) => paths.includes(path));
  if (entry !== undefined) {
    const shown = entry.paths.find((candidate) => parentOf(candidate) === parent) ?? path;
    return { kind: 'command', path: shown, entry };
  }
  const short = Object.hasOwn(table.groups, path) ? table.groups[path] : undefined;
  const exists = table.commands.some(({ paths }) => paths.some((candidate) => parentOf(candidate) === path));
  return short === undefined || !exists ? undefined : { kind: 'group', path, short };
}

/** Follows the words as far as they lead; `rest` are those left over. */
export function followPath(table: CommandTable, words: readonly string[]): { node: Node | undefined; rest: string[] } {
  const rest = [...words];
  let node: Node | undefined;
  while (rest[0] !== undefined && node?.kind !== 'command') {
    const next = findNode(table, node?.path ?? '', rest[0]);
    if (next === undefined) break;
    node = next;
    rest.shift();
  }
  return { node, rest };
}

/** Name and short help of the commands listed in a group's help (empty path: the root's), sorted by name. */
export function childRows(table: CommandTable, parent: string): Row[] {
  const rows = table.commands
    .filter(({ hidden }) => !hidden)
    .flatMap(({ paths, short }): Row[] => {
      const shown = paths.find((path) => parentOf(path) === parent);
      return shown === undefined ? [] : [[shown.slice(shown.lastIndexOf(' ') + 1), short]];
    });
  return rows.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The management commands that help lists, sorted by name. */
export function groupRows(table: CommandTable): Row[] {
  return Object.entries(table.groups)
    .filter(([name]) => childRows(table, name).length > 0 && !table.unlistedGroups.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(' ')));
}
