import type { Cli } from '../cli.ts';
import type { ParsedValue } from '../parse.ts';

/**
 * What a shell offers for a word is told by an expression of alternatives: `always|missing|never`. `<images>` stands
 * for the words of that source, which is asked once the text before it has been typed: `host|container:<running>`.
 * `<files>` and `<dirs>` leave the word to the shell.
 */
export interface WordRequest {
  /** As far as it has been typed. */
  word: string;
  /** The arguments before it. */
  args: readonly string[];
  /** The flags that were given, by their long names. */
  flags: ReadonlyMap<string, ParsedValue>;
}

export interface Offer {
  words: readonly string[];
  /** The shell's own, where none of the words fits. */
  paths?: 'files' | 'dirs' | undefined;
}

export type WordSource = (request: WordRequest, cli: Cli) => readonly string[] | Promise<readonly string[] | Offer>;
export type WordSources = Readonly<Record<string, WordSource>>;

/** The alternatives whose words have to be looked up: those of which the most has been typed before the `<`. */
export function wantedSources(expression: string, word: string): { text: string; source: string }[] {
  const begun = parse(expression).flatMap(({ text, source }) =>
    source !== undefined && word.startsWith(text) ? [{ text, source }] : [],
  );
  const most = Math.max(...begun.map(({ text }) => text.length));
  return begun.filter(({ text }) => text.length === most);
}

/** The words that need no looking up. */
export function plainWords(expression: string, word: string): string[] {
  return parse(expression)
    .filter(({ text, source }) => text !== '' && (source === undefined || !word.startsWith(text)))
    .map(({ text }) => text);
}

function parse(expression: string): { text: string; source: string | undefined }[] {
  return expression.split('|').map((each) => {
    const [, text = '', source] = /^(.*?)(?:<([a-z-]+)>)?$/.exec(each) ?? [];
    return { text, source };
  });
}
