import type { AnyCommand } from '../command.ts';
import type { FlagSpec, FlagTable } from '../flags.ts';
import { globalFlags, persistentFlags, withGlobals } from '../globals.ts';
import { FlagError, type ParsedFlags, type ParsedValue, parseFlags } from '../parse.ts';
import { type CommandTable, findNode, type Node } from '../tree.ts';
import type { WordRequest } from './expression.ts';

/** What the last word of an unfinished command line is. */
export type Unfinished =
  | { kind: 'command' /** Empty at the root. */; path: string; word: string }
  | { kind: 'flag'; table: FlagTable; given: ReadonlySet<string>; word: string }
  | { kind: 'value'; expression: string; request: WordRequest };

/**
 * Reads the words as the command would; the last one is being typed. The global flags are put among `globals`.
 * @returns undefined where the line makes no sense, or the word can be anything
 */
export async function readUnfinished(
  table: CommandTable,
  words: readonly string[],
  globals: Map<string, ParsedValue>,
): Promise<Unfinished | undefined> {
  const word = words.at(-1) ?? '';
  let rest = words.slice(0, -1);
  let node: Node | undefined;
  for (;;) {
    const command = node?.kind === 'command' ? (await node.entry.load()).command : undefined;
    const own = command?.flags ?? {};
    const all = command ? withGlobals(own) : node ? persistentFlags : globalFlags;
    const level = readLevel(all, rest, command !== undefined && command.interspersed !== false);
    if (level === undefined) return undefined;
    const { parsed, waiting } = level;
    for (const [name, value] of parsed.values) if (!Object.hasOwn(own, name)) globals.set(name, value);
    const value = (flag: string, text: string) => flagValue(all, flag, text, parsed);
    if (waiting !== undefined) return value(waiting, word);
    const [next] = parsed.args;
    if (command === undefined && next !== undefined) {
      node = node === undefined && next === 'help' ? undefined : findNode(table, node?.path ?? '', next);
      rest = parsed.args.slice(1);
      if (next === 'help') return helpTopic(table, rest, word);
      if (node === undefined) return undefined;
      continue;
    }
    if (word.startsWith('-') && !parsed.ended) {
      const equals = word.indexOf('=');
      if (equals >= 0) return value(longName(all, word.slice(0, equals)), word.slice(equals + 1));
      const shown = command ? own : node ? {} : globalFlags;
      return { kind: 'flag', table: shown, given: new Set(parsed.values.keys()), word };
    }
    if (command === undefined) return { kind: 'command', path: node?.path ?? '', word };
    const request = { word, args: parsed.args, flags: parsed.values };
    return { kind: 'value', expression: argumentExpression(command, parsed.args.length), request };
  }
}

/** The flags and arguments of one level; `waiting` is a flag whose value comes next. */
function readLevel(
  table: FlagTable,
  words: readonly string[],
  interspersed: boolean,
): { parsed: ParsedFlags; waiting?: string } | undefined {
  try {
    return { parsed: parseFlags(table, words, interspersed) };
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    if (error.waiting === undefined) return undefined;
    const before = readLevel(table, words.slice(0, -1), interspersed);
    return before && { ...before, waiting: error.waiting };
  }
}

function flagValue(table: FlagTable, name: string, word: string, parsed: ParsedFlags): Unfinished | undefined {
  const spec = resolveAlias(table, name);
  if (spec === undefined) return undefined;
  const expression = spec.type === 'bool' ? 'true|false' : (spec.complete ?? '');
  return { kind: 'value', expression, request: { word, args: parsed.args, flags: parsed.values } };
}

function resolveAlias(table: FlagTable, name: string): FlagSpec | undefined {
  const spec = Object.hasOwn(table, name) ? table[name] : undefined;
  return spec?.type === 'alias' ? table[spec.of] : spec;
}

/** `--pull` and `-p` as the table's key. */
function longName(table: FlagTable, typed: string): string {
  if (typed.startsWith('--')) return typed.slice(2);
  return Object.keys(table).find((name) => table[name]?.short === typed.slice(1)) ?? '';
}

function argumentExpression({ args, complete = '' }: AnyCommand, position: number): string {
  if (position >= args.max) return '';
  return typeof complete === 'string' ? complete : (complete[Math.min(position, complete.length - 1)] ?? '');
}

function helpTopic(table: CommandTable, words: readonly string[], word: string): Unfinished | undefined {
  let path = '';
  for (const each of words) {
    const node = findNode(table, path, each);
    if (node?.kind !== 'group') return undefined;
    path = node.path;
  }
  return { kind: 'command', path, word };
}
