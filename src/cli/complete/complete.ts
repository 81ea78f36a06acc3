import type { FlagTable } from '../flags.ts';
import { shownFlags } from '../help.ts';
import type { ParsedValue } from '../parse.ts';
import type { ProgramHost } from '../program.ts';
import { type CommandTable, childRows, groupRows, type Row } from '../tree.ts';
import type { Offer } from './expression.ts';
import { readUnfinished } from './line.ts';
import { offerWords } from './offer.ts';

/** What the shell is to do besides: bits of cobra's protocol, which the scripts of docker's users speak. */
const directive = { files: 0, noSpace: 2, noFiles: 4, dirs: 16 } as const;

export interface UnfinishedLine {
  /** After the program's name; the last one is being typed. */
  words: readonly string[];
  /** With the meanings of the words. */
  described: boolean;
  /** Global flags that are not among the words: an alias of the shell has them. */
  globals: ReadonlyMap<string, ParsedValue>;
}

interface Answer {
  rows: readonly Row[];
  bits: number;
}

/**
 * Prints a line for each word that the last one can become, with a tab and its meaning, and a last line `:BITS`.
 * Fails at nothing: a person is typing.
 */
export async function completeLine(host: ProgramHost, line: UnfinishedLine): Promise<void> {
  const found = await answer(host, line);
  if (found === undefined) return;
  const { rows, bits } = found;
  const lines = rows.map(([word, meaning]) => (line.described && meaning ? `${word}\t${meaning}` : word));
  host.print(`${[...lines, `:${bits}`].join('\n')}\n`);
}

async function answer(host: ProgramHost, { words, globals: outer }: UnfinishedLine): Promise<Answer | undefined> {
  const globals = new Map(outer);
  const unfinished = await readUnfinished(host.table, words, globals);
  if (unfinished === undefined) return { rows: [], bits: directive.files };
  const { kind } = unfinished;
  if (kind === 'value') {
    const offer = await offerWords(host, unfinished.expression, unfinished.request, globals);
    return offer && valueAnswer(offer);
  }
  const rows = kind === 'flag' ? flagRows(unfinished) : commandRows(host.table, unfinished.path);
  return { rows: rows.filter(([word]) => word.startsWith(unfinished.word)), bits: directive.noFiles };
}

function commandRows(table: CommandTable, path: string): Row[] {
  if (path !== '') return childRows(table, path);
  return [...childRows(table, ''), ...groupRows(table), ['help', 'Help about the command']];
}

/** A flag that takes one value is offered once. */
function flagRows({ table, given }: { table: FlagTable; given: ReadonlySet<string> }): Row[] {
  const rows = shownFlags(table)
    .filter(([name, { type }]) => type === 'array' || type === 'slice' || !given.has(name))
    .flatMap(([name, { short, help }]) => {
      const [meaning = ''] = help.split('\n');
      return (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]).map((flag): Row => [flag, meaning]);
    });
  return [...rows, ['--help', 'Print usage']];
}

/** A shell that adds a space after `name=` would have the person take it away. */
function valueAnswer({ words, paths }: Offer): Answer {
  const rows = words.map((word): Row => [word, '']);
  const goesOn = words.length > 0 && words.every((word) => /[=:,-]$/.test(word));
  return { rows, bits: directive[paths ?? 'noFiles'] + (goesOn ? directive.noSpace : 0) };
}
