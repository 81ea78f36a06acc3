import type { Cli } from '../cli.ts';
import { type AnyCommand, anyArgs } from '../command.ts';
import type { ParsedValue } from '../parse.ts';
import type { ProgramHost } from '../program.ts';
import type { CommandTable } from '../tree.ts';
import { type Offer, plainWords, type WordRequest, wantedSources } from './expression.ts';

/** A person waits in front of the terminal: what has not come by now is left out. Milliseconds. */
const patience = 1000;

/**
 * What an expression stands for. A source that fails or takes too long has no words.
 * @returns undefined where another process has answered: without root the line may be run anew in the engine's namespaces
 */
export async function offerWords(
  host: ProgramHost,
  expression: string,
  request: WordRequest,
  globals: ReadonlyMap<string, ParsedValue>,
): Promise<Offer | undefined> {
  const wanted = wantedSources(expression, request.word);
  // After `status=` the other keys are no answer.
  const plain: Offer = { words: wanted.some(({ text }) => text !== '') ? [] : plainWords(expression, request.word) };
  const paths = wanted.find(({ source }) => source === 'files' || source === 'dirs')?.source;
  if (paths === 'files' || paths === 'dirs') return { ...plain, paths };
  if (wanted.length === 0) return plain;
  const offers = [plain];
  let here = false;
  const run = async (cli: Cli) => {
    here = true;
    const found = wanted.map(async ({ text, source }) => {
      const offer = await ask(host.table, source, { ...request, word: request.word.slice(text.length) }, cli);
      offers.push({ ...offer, words: offer.words.map((word) => text + word) });
    });
    await Promise.race([Promise.allSettled(found), new Promise((resolve) => setTimeout(resolve, patience))]);
    return 0;
  };
  // As a command, to have the settings that the finished line would have.
  const command: AnyCommand = { use: '__complete', short: '', args: anyArgs, flags: {}, run };
  const code = await host.run({ command, path: '__complete', args: [], flags: {}, globals }).catch(() => 1);
  if (code === 0 && !here) return undefined;
  return {
    words: [...new Set(offers.flatMap(({ words }) => words))],
    paths: offers.find((offer) => offer.paths !== undefined)?.paths,
  };
}

async function ask(table: CommandTable, source: string, request: WordRequest, cli: Cli): Promise<Offer> {
  const { wordSources } = await table.wordSources();
  const found = await wordSources[source]?.(request, cli);
  return found === undefined ? { words: [] } : 'words' in found ? found : { words: found };
}
