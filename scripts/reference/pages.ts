import type { AnyCommand } from '../../src/cli/command.ts';
import type { FlagTable } from '../../src/cli/flags.ts';
import { globalFlags } from '../../src/cli/globals.ts';
import { defaultSuffix, shownFlags, valueWord } from '../../src/cli/help.ts';
import { type CommandEntry, type CommandTable, childRows, groupRows, type Row } from '../../src/cli/tree.ts';
import { type Example, texts } from './texts.ts';

export interface Option {
  /** `-e, --env list` in parts. */
  short: string | undefined;
  name: string;
  value: string;
  /** One or more lines. */
  help: string;
}

/** What a page of the reference says, before it is markdown or roff. */
export interface Page {
  /** Where it is not nerdctl: a script, whose page has that name. */
  program?: string;
  /** Words after the program's name; empty for the program itself. */
  path: string;
  /** Other paths of the same command. */
  aliases: string[];
  short: string;
  /** Its forms, after the name of the program. */
  usage: readonly string[];
  /** Paragraphs. */
  description: string[];
  options: Option[];
  /** With their titles. */
  commands: [title: string, rows: Row[]][];
  examples: readonly Example[];
  exit: Row[];
  /** Paths of other pages. */
  see: string[];
}

/** All pages: the program, its groups, its commands, in this order, each sorted by path. */
export async function referencePages(table: CommandTable): Promise<Page[]> {
  const shown = table.commands.filter(({ hidden }) => !hidden);
  const commands = await Promise.all(shown.map(async (entry) => commandPage(entry, (await entry.load()).command)));
  const groups = allGroups(table).map(([name]) => groupPage(table, name));
  return [programPage(table), ...groups, ...commands.sort((a, b) => (a.path < b.path ? -1 : 1))];
}

/** Those that help does not list too, each with one line. */
function allGroups(table: CommandTable): Row[] {
  const unlisted = table.unlistedGroups.map((name): Row => [name, (table.groups[name] ?? '').split('\n')[0] ?? '']);
  return [...groupRows(table), ...unlisted].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The path that people type: `ps`, not `container ls`. */
function usualPath({ paths }: CommandEntry): string {
  return paths.find((path) => !path.includes(' ')) ?? paths[0] ?? '';
}

function commandPage(entry: CommandEntry, command: AnyCommand): Page {
  const path = usualPath(entry);
  const { description, examples = [], see = [] } = texts[path] ?? {};
  const [group = ''] = entry.paths.find((each) => each.includes(' '))?.split(' ') ?? [];
  return {
    path,
    aliases: entry.paths.filter((each) => each !== path),
    short: entry.short,
    usage: command.use.split('\n').map((form) => path + form.replace(/^\S+/, '')),
    description: paragraphs(description ?? command.long ?? `${command.short}.`),
    options: options(command.flags),
    commands: [],
    examples,
    exit: exitStatus(path, command),
    see: ['', group, ...see].filter((each, n) => n === 0 || each !== ''),
  };
}

function groupPage(table: CommandTable, path: string): Page {
  const short = table.groups[path] ?? '';
  const rows = childRows(table, path);
  return {
    path,
    aliases: [],
    short: short.split('\n')[0] ?? '',
    usage: [`${path} COMMAND`],
    description: paragraphs(texts[path]?.description ?? (short.includes('\n') ? short : `${short}.`)),
    options: [],
    commands: [['Commands', rows]],
    examples: texts[path]?.examples ?? [],
    exit: commonExit,
    see: ['', ...rows.map(([name]) => pathOf(table, `${path} ${name}`))],
  };
}

function programPage(table: CommandTable): Page {
  const { description = '', examples = [] } = texts[''] ?? {};
  return {
    path: '',
    aliases: [],
    short: 'a Docker-compatible command line for containerd',
    usage: ['[OPTIONS] COMMAND'],
    description: paragraphs(description),
    options: options(globalFlags),
    commands: [
      ['Management commands', allGroups(table)],
      ['Commands', childRows(table, '')],
    ],
    examples,
    exit: commonExit,
    see: [],
  };
}

/** The path of the page that tells about another path. */
export function pathOf(table: CommandTable, path: string): string {
  const entry = table.commands.find(({ paths }) => paths.includes(path));
  return entry === undefined ? path : usualPath(entry);
}

function paragraphs(text: string): string[] {
  return text.trim().split(/\n\n+/);
}

function options(table: FlagTable): Option[] {
  return shownFlags(table).map(([name, spec]) => ({
    short: spec.short,
    name,
    value: valueWord(spec),
    help: spec.help + defaultSuffix(spec),
  }));
}

const commonExit: Row[] = [
  ['0', 'It was done.'],
  ['1', 'It failed, or the command is unknown.'],
  ['125', 'A flag is unknown or its value wrong.'],
  ['128+n', 'Signal number n ended the program.'],
];

function exitStatus(path: string, { failure }: AnyCommand): Row[] {
  const runs: Row[] = [
    ['125', 'nerdctl itself failed: a wrong flag, an image that is not there, no containerd.'],
    ['126', 'The command of the container cannot be executed.'],
    ['127', 'The command of the container is not found.'],
  ];
  if (path === 'create') return [['0', 'It was done.'], ...runs.slice(0, 1)];
  if (failure === 'run') return [...runs, ['any other', "The exit status of the container's process."]];
  if (path === 'exec')
    return [['1', 'It failed, or the container does not run.'], ...runs, ['any other', 'That of the command.']];
  if (path === 'attach') return [...commonExit, ['any other', "The exit status of the container's process."]];
  return commonExit;
}
